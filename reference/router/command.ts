/** The command line of the router; a liar runs the same one with one piece replaced. */
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { ConfigError, readConfig } from './config-file.ts'
import type { RouterConfig } from './config.ts'
import type { Pieces } from './pieces.ts'
import { startRouter, type Router } from './router.ts'

/** Runs until SIGTERM or SIGINT; the first drains, a second one ends at once. */
export async function runRouter(argv: readonly string[], pieces: Partial<Pieces> = {}): Promise<void> {
  const options = readOptions(argv)
  const config = load(options.config)
  if (!config) return
  if (options.check) return say(`${options.config}: valid`)
  const router = await open(config, pieces, () => readConfig(options.config))
  if (!router) return
  stopOnSignal(router, config.drain.timeoutMs)
  // What is wrong with it is in the log: nobody waits for an answer.
  process.on('SIGHUP', () => void router.reload().catch((error: unknown) => process.stderr.write(`${(error as Error).message}\n`)))
}

function readOptions(argv: readonly string[]): { config: string; check: boolean } {
  const command = new Command('router')
    .description('Reference router: pools connections to Postgres by transaction')
    .requiredOption('-c, --config <file>', 'configuration in YAML')
    .option('--check', 'read the configuration and exit', false)
    .version(version())
    .exitOverride((end) => process.exit(end.exitCode === 0 ? 0 : 64))
    .parse(argv)
  return command.opts()
}

function version(): string {
  const { version: number } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { version: string }
  return number
}

function load(file: string): RouterConfig | null {
  try {
    return readConfig(file)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return complain(error.message, 64)
  }
}

async function open(config: RouterConfig, pieces: Partial<Pieces>, reread: () => RouterConfig): Promise<Router | null> {
  try {
    return await startRouter(config, pieces, undefined, reread)
  } catch (error) {
    if (error instanceof ConfigError) return complain(error.message, 1)
    const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number }
    if (code === undefined) throw error
    return complain(`the router cannot listen on ${address}:${port} (${code}): choose another address in the configuration`, 1)
  }
}

function stopOnSignal(router: Router, drainMs: number): void {
  let stopping = false
  const stop = async (): Promise<void> => {
    if (stopping) return process.exit(0)
    stopping = true
    await router.drain(drainMs)
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop())
  process.on('SIGINT', () => void stop())
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)

function complain(text: string, exitCode: number): null {
  process.stderr.write(`${text}\n`)
  process.exitCode = exitCode
  return null
}
