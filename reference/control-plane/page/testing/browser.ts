/** A real Chromium, where one is installed. */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const onPath = (process.env['PATH'] ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)))

/** `CHROMIUM_BIN` first, then the PATH; null: there is none. */
export const chromiumPath: string | null =
  [process.env['CHROMIUM_BIN'], ...onPath].find((file) => file !== undefined && existsSync(file)) ?? null

export async function startBrowser(): Promise<Browser> {
  const isRoot = process.getuid?.() === 0
  // The sandbox of Chromium refuses to be root's; what it opens here is our own page.
  const args = ['--disable-dev-shm-usage', '--force-color-profile=srgb', ...(isRoot ? ['--no-sandbox'] : [])]
  return await chromium.launch({ executablePath: chromiumPath!, args })
}
