/** The command: reads the configuration, starts the gateway, and stops it when asked to. */
import { loadConfig } from './config-file.ts'
import { readArguments } from './command-line.ts'
import { ConfigError } from './config-error.ts'
import type { GatewayConfig } from './config.ts'
import { alone } from './crew.ts'
import { makeDoor } from './door.ts'
import { startGateway, type Surroundings } from './gateway.ts'
import { connectionOf } from './leases/keep.ts'
import { makeLasting } from './lasting.ts'
import { makeLog } from './log.ts'
import { pieces as defaults, type Pieces } from './pieces.ts'
import { runLeaseStore } from './leases/run-lease-store.ts'
import { runAudit } from './audit-log/run-audit.ts'
import { channelUp, forkWorker, isWorker } from './workers/fork.ts'
import { supervise, type Supervisor } from './workers/supervisor.ts'
import { work } from './workers/worker.ts'

/**
 * Exit codes: 0 as asked, 64 a wrong command line, 78 a configuration it cannot run with; 2 when that was only asked. `replaced` and
 * `surroundings` are for those who build another gateway.
 */
export async function run(argv: readonly string[], replaced: Partial<Pieces> = {}, surroundings: Surroundings = {}): Promise<void> {
  if (argv[2] === 'audit') return await runAudit(argv.slice(3))
  if (argv[2] === 'lease-store') return runLeaseStore(argv.slice(3))
  if (isWorker) return work(channelUp(), replaced, (exitCode) => process.exit(exitCode))
  const options = readArguments(argv, words)
  if (options === null) return
  try {
    const config = loadConfig(options.config)
    await (options.check === true ? check(config, options.config) : serve(config, options.config, replaced, surroundings))
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause
    console.error(cause.message)
    process.exitCode = options.check === true ? 2 : 78
  }
}

const guidance = `
Signals:
  SIGHUP            reads the configuration, keys and certificates anew; a file that is not good changes nothing
  SIGTERM, SIGINT   takes no more clients and lets sessions end within limits.drainTimeoutMs; a second one cuts them off

Audit log:
  orochi-gateway audit verify <file> [--head <hash>]

Lease store:
  orochi-gateway lease-store sql

Exit codes:
  0   stopped as asked; with --check: it can run with this configuration
  2   with --check: it cannot; each line says file, line, key, what is wrong and what would be right
  64  a wrong command line
  78  a configuration it cannot run with

gateway.example.yaml, beside the program, shows everything there is to configure.
`

const words = {
  name: 'orochi-gateway',
  description: 'lets clients with a good token through to the pooler',
  guidance,
  packageFile: new URL('./package.json', import.meta.url),
}

async function check(config: GatewayConfig, file: string): Promise<void> {
  const silent = { pieces: defaults, write: () => {}, setLevel: () => {}, crew: alone }
  // The file may be that of a gateway that runs.
  const { file: _, ...audit } = config.audit
  if (config.leaseStore !== undefined) connectionOf(config.leaseStore)
  await using lasting = makeLasting({ ...config, audit, leaseStore: undefined }, silent, { cacheEntries: () => 0 })
  await using _door = await makeDoor(config, lasting)
  console.log(`${file}: good`)
}

async function serve(config: GatewayConfig, file: string, replaced: Partial<Pieces>, surroundings: Surroundings): Promise<void> {
  const starting = config.workers.count === 1 ? startGateway(config, replaced, surroundings) : superviseWorkers(config, replaced)
  // From the first moment on: unheard, this signal would end the process.
  process.on('SIGHUP', () => void starting.then((gateway) => gateway.reload(() => loadConfig(file))))
  const stop = stopper(await starting)
  process.on('SIGTERM', stop).on('SIGINT', stop)
}

function superviseWorkers(config: GatewayConfig, replaced: Partial<Pieces>): Promise<Supervisor> {
  const fork = () => forkWorker(config.workers.balance)
  return supervise(config, { ...makeLog(config.log.level), pieces: { ...defaults, ...replaced }, fork })
}

/** The first signal drains, the second cuts off. */
function stopper(gateway: Supervisor): () => void {
  let asked = false
  return () => {
    void gateway.drain(asked ? 0 : gateway.config().limits.drainTimeoutMs).then(() => process.exit(0))
    asked = true
  }
}
