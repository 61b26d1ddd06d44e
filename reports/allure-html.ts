/** Makes the Allure page from its results: one file, no network, nothing that reports back to anybody. */
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const projectRoot = resolve(import.meta.dirname, '..')
const limitMs = 120_000
const historyRuns = 50

/** Returns the page's path. `history` is a file that grows by a line with each report. */
export async function generateAllure(results: string, output: string, history: string): Promise<string> {
  rmSync(output, { recursive: true, force: true })
  mkdirSync(output, { recursive: true })
  const config = join(output, 'allurerc.mjs')
  writeFileSync(config, configText(output, history))
  await allure('generate', '--config', config, results)
  rmSync(config)
  for (const page of readdirSync(output, { recursive: true, encoding: 'utf8' }))
    if (page.endsWith('.html')) withoutTracking(join(output, page))
  return join(output, 'index.html')
}

/** With the Node that runs us: the one on the PATH may be too old for it. */
async function allure(...words: readonly string[]): Promise<void> {
  const cli = join(projectRoot, 'node_modules', 'allure', 'cli.js')
  try {
    await promisify(execFile)(process.execPath, [cli, ...words], { cwd: projectRoot, timeout: limitMs, maxBuffer: 1 << 24 })
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string }
    throw new Error(`the Allure page could not be made: ${stderr.trim().split('\n').at(-1) || message}`, { cause: error })
  }
}

function configText(output: string, history: string): string {
  const name = 'Orochi pooling system'
  const options = { singleFile: true, groupBy: ['epic', 'feature', 'story'], reportLanguage: 'en', reportName: name }
  const config = {
    name,
    output,
    historyPath: history,
    historyLimit: historyRuns,
    appendHistory: true,
    categories,
    plugins: { awesome: { options } },
  }
  return `export default ${JSON.stringify(config, null, 2)}\n`
}

/** What Allure groups troubles by. */
export const categories = [
  { name: 'Refuted promises', matchedStatuses: ['failed'] },
  { name: 'Could not tell', matchedStatuses: ['broken'] },
  { name: 'Unsupported here', matchedStatuses: ['skipped'] },
  { name: 'Never ran, or not on today’s words', matchedStatuses: ['unknown'] },
] as const

/** The page would load a tag of an advertiser's: it is cut out. */
function withoutTracking(page: string): void {
  const text = readFileSync(page, 'utf8')
  const clean = text
    .replaceAll(/<script[^>]*googletagmanager[^>]*>\s*<\/script>/g, '')
    .replaceAll(/<script>\s*window\.dataLayer[\s\S]*?<\/script>/g, '')
  if (clean !== text) writeFileSync(page, clean)
}
