/** A real Chromium that entries about pages drive, where one is installed. */
import type { Browser } from 'playwright-core'
import { HarnessError } from './harness-error.ts'
import { pathOf } from './tools.ts'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** `CHROMIUM_BIN` first, then the PATH; null: there is none. */
export function findBrowser(): string | null {
  return process.env['CHROMIUM_BIN'] ?? names.map((name) => pathOf(name)).find((path) => path !== null) ?? null
}

export async function openBrowser(): Promise<Browser & AsyncDisposable> {
  const executablePath = findBrowser()
  if (executablePath === null)
    throw new HarnessError('capability-absent', 'Chromium is not here: put it on the PATH or name it in CHROMIUM_BIN')
  const { chromium } = await import('playwright-core')
  // The sandbox of Chromium refuses to be root's; what is opened is a part of this stack.
  const args = ['--disable-dev-shm-usage', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])]
  return await chromium.launch({ executablePath, args })
}
