/** The command: reads the configuration, starts the control plane, and stops it when asked to. */
import { readArguments } from '../gateway/command-line.ts'
import { ConfigError } from '../gateway/config-error.ts'
import { readText } from '../gateway/config-file.ts'
import { loadConfig } from './config-file.ts'
import type { ControlPlaneConfig } from './config.ts'
import { startControlPlane } from './control-plane.ts'
import { pieces as defaults, type Pieces } from './pieces.ts'
import { StoreError } from './store/store.ts'

/** Exit codes as the gateway's. `replaced` is for those who build another control plane. */
export async function run(argv: readonly string[], replaced: Partial<Pieces> = {}): Promise<void> {
  const options = readArguments(argv, words)
  if (options === null) return
  try {
    const config = loadConfig(options.config)
    await (options.check === true ? check(config, options.config) : serve(config, replaced))
  } catch (cause) {
    if (!(cause instanceof ConfigError || cause instanceof StoreError)) throw cause
    console.error(cause.message)
    process.exitCode = options.check === true ? 2 : cause instanceof StoreError && cause.fault !== 'foreign' ? 75 : 78
  }
}

const guidance = `
Signals:
  SIGTERM, SIGINT   answers what is under way and ends; a waking in progress is gone on with by the next start

Exit codes:
  0   stopped as asked; with --check: it can run with this configuration
  2   with --check: it cannot; each line says file, line, key, what is wrong and what would be right
  64  a wrong command line
  75  the store cannot be reached: try again later
  78  a configuration it cannot run with

control-plane.example.yaml, beside the program, shows everything there is to configure.
`

const words = {
  name: 'orochi-control-plane',
  description: 'keeps pooled Postgres clusters, wakes them and lets them sleep',
  guidance,
  packageFile: new URL('./package.json', import.meta.url),
}

/** Reads what is named, and touches nothing: the store may be that of a control plane that runs. */
async function check(config: ControlPlaneConfig, file: string): Promise<void> {
  defaults.makeAuthenticate(config, defaults.now)
  defaults.makeProvisioner(config.driver)
  if (config.tls !== undefined) [config.tls.cert, config.tls.key].forEach(readText)
  console.log(`${file}: good`)
}

async function serve(config: ControlPlaneConfig, replaced: Partial<Pieces>): Promise<void> {
  const plane = await startControlPlane(config, replaced)
  let asked = false
  const stop = () => {
    if (asked) process.exit(1)
    asked = true
    void plane[Symbol.asyncDispose]().then(() => process.exit(0))
  }
  process.on('SIGTERM', stop).on('SIGINT', stop)
}
