/** The words of the command line, and what each of them does. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { readFileSync } from 'node:fs'
import { makeClient, type Client } from './client.ts'
import { exitCodeText } from './failure.ts'
import { readSettings, type SettingFlags } from './settings.ts'
import { makeShow, type Show } from './show.ts'
import type { Surroundings } from './terminal.ts'
import { listClusters, steer, type Waiting } from './verbs/clusters.ts'
import { configure, type ConfigureFlags } from './verbs/configure.ts'
import { reloadPooler, showPooler } from './verbs/pooler.ts'
import { showStats, type StatsFlags } from './verbs/stats.ts'

export type CommonFlags = SettingFlags & { readonly json?: true }

type Verb<F> = (id: string, flags: F, client: Client, show: Show) => Promise<void>

/** Verbs throw a Failure; who runs the command turns it into an exit code. */
export function makeCommand(surroundings: Surroundings): Command {
  const program = new Command('orochi').description("clusters and their poolers, by the control plane's HTTP API")
  program
    .version(version())
    .addHelpText('afterAll', exitCodeText)
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .showHelpAfterError('(orochi --help tells more)')
  addCommonFlags(program)
  const cluster = program.command('cluster').description('clusters: what there is, wake, suspend')
  const pooler = cluster.command('pooler').description('the connection pooler of a cluster')
  const verb = <F>(run: Verb<F>) => runner(program, surroundings, run)
  cluster
    .command('list')
    .description('all clusters that you may see')
    .action(() => verb<object>((_, __, client, show) => listClusters(client, show))('', {}))
  for (const name of ['wake', 'suspend'] as const) {
    addWaiting(cluster.command(name).description(`${name} a cluster`).argument('<cluster-id>', 'its id')).action(
      verb<Waiting>((id, flags, client, show) => steer(name, id, flags, client, show, surroundings.interrupted)),
    )
  }
  addPoolerVerbs(pooler, verb, surroundings)
  return program
}

function addPoolerVerbs(
  pooler: Command,
  verb: <F>(run: Verb<F>) => (id: string, flags: F) => Promise<void>,
  { interrupted }: Surroundings,
): void {
  const add = (name: string, what: string) => pooler.command(name).description(what).argument('<cluster-id>', 'its id')
  add('status', 'state and settings').action(verb<object>((id, _, client, show) => showPooler(id, client, show)))
  addConfigureFlags(add('configure', 'change settings')).action(
    verb<ConfigureFlags>((id, flags, client, show) => configure(id, flags, client, show)),
  )
  add('stats', 'live numbers')
    .option('--watch', 'again and again, until interrupted')
    .option('--interval <seconds>', 'between two samples', positive, 2)
    .option('--count <n>', 'stop after so many samples', positiveInteger)
    .action(verb<StatsFlags>((id, flags, client, show) => showStats(id, flags, client, show, interrupted)))
  add('reload', 'make every instance read its settings again').action(verb<object>((id, _, client, show) => reloadPooler(id, client, show)))
}

function runner<F>(program: Command, surroundings: Surroundings, run: Verb<F>): (id: string, flags: F) => Promise<void> {
  return async (id, flags) => {
    const common = program.opts<CommonFlags>()
    const client = makeClient(readSettings(common, surroundings.env), surroundings.interrupted)
    await run(id, flags, client, makeShow(common.json === true, surroundings))
  }
}

function addCommonFlags(program: Command): void {
  program
    .option('--url <url>', 'the control plane (OROCHI_URL)')
    .option('--token-file <file>', 'a file with a token in it (OROCHI_TOKEN_FILE, or the token itself in OROCHI_TOKEN)')
    .option('--timeout <seconds>', 'for one answer (OROCHI_TIMEOUT; 10 by default)', positive)
    .option('--config <file>', 'settings in YAML: url, token_file, timeout_seconds (OROCHI_CONFIG)')
    .option('--allow-plain-http', 'send the token over an unprotected line')
    .option('--json', 'for programs: one JSON document, or one a line with --watch')
}

function addWaiting(command: Command): Command {
  return command.option('--wait', 'return when it is done').option('--wait-timeout <seconds>', 'how long to wait at most', positive, 60)
}

const onOff = (flag: string, what: string) => new Option(`${flag} <on|off>`, what).choices(['on', 'off'])

function addConfigureFlags(command: Command): Command {
  return command
    .option('--max-connections <n>', 'server connections of the cluster, over all instances', positiveInteger)
    .addOption(new Option('--mode <mode>', 'when a server connection is given back').choices(['transaction', 'session']))
    .option('--idle-timeout-seconds <n>', 'when an idle server connection is closed', positiveInteger)
    .addOption(onOff('--enabled', 'the pooler as a whole'))
    .addOption(onOff('--read-write-split', 'reads to replicas'))
    .addOption(onOff('--sharding', 'tables over several servers'))
    .option('--default-shard-count <n>', 'shards of a new table', positiveInteger)
    .option('--if-match <etag>', 'change only these settings as seen (else: as they are when it begins)')
    .option('--dry-run', 'only show what would change')
}

function positive(text: string): number {
  const value = Number(text)
  if (value > 0 && value <= 86_400) return value
  throw new InvalidArgumentError('A number of seconds above 0 is wanted.')
}

function positiveInteger(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('A whole number above 0 is wanted.')
}

function version(): string {
  return (JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8')) as { version: string }).version
}
