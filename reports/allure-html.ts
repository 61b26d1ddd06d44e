/** Makes the Allure page from its results: one file, no network, nothing that reports back to anybody. */
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const projectRoot = resolve(import.meta.dirname, '..')
const limitMs = 120_000

/** Returns the page's path. `history` is a file that grows by a line with each report. */
export async function generateAllure(results: string, output: string, history: string): Promise<string> {
  mkdirSync(output, { recursive: true })
  const config = join(output, 'allurerc.mjs')
  writeFileSync(config, configText(output, history))
  const cli = join(projectRoot, 'node_modules', '.bin', 'allure')
  await promisify(execFile)(cli, ['generate', '--config', config, results], { cwd: projectRoot, timeout: limitMs, maxBuffer: 1 << 24 })
  for (const page of readdirSync(output, { recursive: true, encoding: 'utf8' }))
    if (page.endsWith('.html')) withoutTracking(join(output, page))
  return join(output, 'index.html')
}

function configText(output: string, history: string): string {
  const config = {
    name: 'Orochi pooling system',
    output,
    historyPath: history,
    appendHistory: true,
    plugins: {
      awesome: {
        options: { singleFile: true, groupBy: ['epic', 'feature', 'story'], reportLanguage: 'en', reportName: 'Orochi pooling system' },
      },
    },
  }
  return `export default ${JSON.stringify(config, null, 2)}\n`
}

/** The page would load a tag of an advertiser's: it is cut out. */
function withoutTracking(page: string): void {
  const text = readFileSync(page, 'utf8')
  const clean = text
    .replaceAll(/<script[^>]*googletagmanager[^>]*>\s*<\/script>/g, '')
    .replaceAll(/<script>\s*window\.dataLayer[\s\S]*?<\/script>/g, '')
  if (clean !== text) writeFileSync(page, clean)
}
