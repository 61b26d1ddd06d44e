/** The command `orochi-harness`: reads the words, calls the verb, and turns mistakes into one sentence and an exit code. */
import { Command, CommanderError, Option } from 'commander'
import { SpecError } from '../spec/spec-error.ts'
import { HarnessError } from '../stack/harness-error.ts'
import { versionOf } from './project.ts'
import { refuseSwallowed } from './swallowed.ts'
import { UsageError } from './usage.ts'

const exitCodes =
  'Exit codes: 0 as expected, 1 a surprise, 2 unknown or missing under the gate, 64 bad usage, 70 a fault of the harness, 129-143 ended by a signal.'

const collect = (value: string, all: string[] | undefined): string[] => [...(all ?? []), value]

/** Takes the words behind the command's name; resolves to the exit code. */
export async function main(words: readonly string[]): Promise<number> {
  try {
    refuseSwallowed(process.env, words)
    return await parse(words)
  } catch (error) {
    return complain(error)
  }
}

async function parse(words: readonly string[]): Promise<number> {
  let exitCode = 0
  const program = new Command('orochi-harness')
    .description('Raises the Orochi pooling system, proves the promises of its specification, and reports against its checklist.')
    .version(versionOf().text)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .addHelpText('after', `\n${exitCodes}`)
  const act =
    <A extends unknown[]>(verb: (...args: A) => Promise<number>) =>
    async (...args: A) => {
      exitCode = await verb(...args)
    }
  selecting(program.command('suite').description('run entries against the system and report'))
    .option('--seed <text>', 'repeat the choices of an earlier run')
    .option('--repeat <n>', 'run everything n times; attempts that disagree fail')
    .option('--rerun-failed <run>', 'only what was not as expected in that run, same seed and system')
    .option('--part <part=program>', 'run this program in place of the reference part (repeatable)', collect)
    .option('--liar <name>', 'run liars/<name>.ts in place of its part')
    .option('--gateway <which>', 'a foreign gateway: exec:<command with {listen} …>, or host:port of one that stands')
    .option('--gateway-template <file>', 'for exec: a file to fill in; its path is {template}')
    .option('--signing-key <file>', 'for host:port: PEM of the key its tokens are signed with')
    .option('--key-id <kid>', 'for host:port: the key’s id (default k1)')
    .option('--issuer <iss>', 'for host:port: what tokens say they are from')
    .option('--audience <aud>', 'for host:port: what tokens say they are for')
    .option('--ca <file>', 'for host:port: PEM of the authority of its certificate; left out: it talks without TLS')
    .option('--metrics-url <url>', 'for host:port: where its metrics are')
    .option('--allure', 'also make the Allure page')
    .option('--baseline <ref>', 'compare the figures with this run, commit or system of the history; a regression fails the run')
    .action(act(async (families: string[], options: object) => (await import('./verbs/suite.ts')).suite(families, options)))
  selecting(program.command('list').description('print the plan: every entry, in or out and why')).action(
    act(async (families: string[], options: object) => (await import('./verbs/list.ts')).list(families, options)),
  )
  program
    .command('report [run]')
    .description('make the reports again: of one run, or of the newest evidence over all runs in out/')
    .option('--gate <gate>', 'run, p0 or release', 'run')
    .option('--allure', 'with the Allure page (default)')
    .option('--no-allure', 'leave the Allure page out')
    .action(
      act(async (run: string | undefined, options: { gate: string; allure?: boolean }) =>
        (await import('./verbs/report.ts')).report(run, options),
      ),
    )
  program
    .command('compare <before> <after>')
    .description('tell for each figure of the history whether it moved: a run, latest, previous, a commit or a fingerprint each')
    .option('--json', 'for programs')
    .action(
      act(async (before: string, after: string, options: object) => (await import('./verbs/compare.ts')).compare(before, after, options)),
    )
  measuring(program.command('soak').description('hold steady load and tell whether memory, descriptors, connections or latency grow'))
    .requiredOption('--minutes <n>', 'how long; fractions are allowed')
    .option('--rate <n>', 'queries per second', '200')
    .option('--connections <n>', 'connections that stay open', '8')
    .option('--logins <n>', 'connections that come and go, per second', '20')
    .action(act(async (options: object) => (await import('./verbs/soak.ts')).soak(options as never)))
  measuring(program.command('sweep').description('measure connections × shards × payload and fit how the cost of a query grows'))
    .option('--connections <list>', 'such as 1,8,32', '1,8,32')
    .option('--shards <list>', 'such as 1,2,4', '1,2,3')
    .option('--payload <list>', 'KB of a result, such as 0.1,8,64', '0.1,8,64')
    .option('--seconds <n>', 'for each cell', '1')
    .action(act(async (options: object) => (await import('./verbs/sweep.ts')).sweep(options as never)))
  measuring(program.command('load').description('load by another generator: pgbench beside plain Postgres, or k6 on the HTTP side'))
    .requiredOption('--with <tool>', 'pgbench or k6')
    .option('--rounds <n>', 'blocks of each way', '6')
    .option('--seconds <n>', 'for each block', '2')
    .option('--rate <n>', 'per second, for k6 of each target', '100')
    .option('--budget <entry>', 'for k6: thresholds from the budget of this entry')
    .action(act(async (options: object) => (await import('./verbs/load.ts')).load(options as never)))
  measuring(program.command('power').description('plant a slowdown, demand that it is found, and tell the smallest that would be'))
    .option('--rounds <n>', 'rounds of three blocks of half a second', '20')
    .option('--planted <ms>', 'the slowdown, in the server', '2')
    .action(act(async (options: object) => (await import('./verbs/power.ts')).power(options as never)))
  program
    .command('up')
    .description('raise the system, leave it running, and print how to connect')
    .addOption(new Option('--pooler <kind>', 'pgdog or router'))
    .option('--provider <name>', 'embedded or docker')
    .option('--topology <wish>', 'shards=2,replicas=1,… or a YAML file')
    .option('--part <part=program>', 'run this program in place of the reference part (repeatable)', collect)
    .action(act(async (options: object) => (await import('./verbs/up.ts')).up(options)))
  program
    .command('token')
    .description('mint a token for a system that is up')
    .option('--tenant <id>', 'claim tenant_id', 'tenant-a')
    .option('--ttl <seconds>', 'how long it is valid', '3600')
    .option('--claim <name=value>', 'any further claim, a JSON value or text (repeatable)', collect)
    .option('--run <run>', 'which system, if several are up')
    .action(act(async (options: object) => (await import('./verbs/token.ts')).token(options as never)))
  program
    .command('down')
    .description('remove what dead runs left; living ones only when told')
    .option('--run <run>', 'end this run, living or not')
    .option('--all', 'end every run')
    .action(act(async (options: object) => (await import('./verbs/down.ts')).down(options)))
  program
    .command('doctor')
    .description('tell for each capability whether it is here, how it was found, and how to get it')
    .option('--json', 'for programs')
    .action(act(async (options: object) => (await import('./verbs/doctor.ts')).doctor(options)))
  program
    .command('teeth [liars...]')
    .description('run liars and demand that the clauses they name are refuted')
    .option('--json', 'one JSON document on standard output')
    .option('--sample <n>', 'only so many, chosen by the seed')
    .option('--seed <text>', 'which sample', '1')
    .action(act(async (liars: string[], options: object) => (await import('./verbs/teeth.ts')).teeth(liars, options)))
  program
    .command('pgdog-config')
    .description('print PgDog’s pgdog.toml and users.toml for a topology, or check one that you have')
    .option('--topology <wish>', 'shards=2,replicas=1,sharding.hash=own,… or a YAML file')
    .option('--shard <address>', 'host[:port][/database] of the next shard’s primary (repeatable)', collect)
    .option('--replica <n=address>', 'a replica of shard n, by its own name (repeatable)', collect)
    .option('--database <name>', 'what clients call the database', 'orochi')
    .option('--user <name>', 'the role whose connections are pooled', 'orochi_app')
    .option('--out <folder>', 'write the files there instead of printing them')
    .option('--check <file>', 'tell each key of this pgdog.toml (or template) that PgDog does not have, and the real one')
    .option('--set <name=value>', 'what {{.name}} of the template stands for (repeatable)', collect)
    .action(act(async (options: object) => (await import('./verbs/pgdog-config.ts')).pgdogConfig(options as never)))
  program
    .command('differential')
    .description('ask the pooler and one plain PostgreSQL the same, by chance, and shrink what they answer differently')
    .option('--seconds <n>', 'how long, for each pooler', '60')
    .option('--seed <text>', 'repeat the choices of an earlier run')
    .option('--case <seed>', 'play one case only')
    .option('--pooler <kind>', 'pgdog, router or all that are found (default)')
    .option('--router <program>', 'run this program in place of the reference router')
    .action(act(async (options: object) => (await import('./verbs/differential.ts')).differential(options as never)))
  program
    .command('judge <history>')
    .description('judge a stored history of a scenario again, and draw what it shows')
    .option('--check <name>', 'by this check instead of those the history names, or by all (repeatable)', collect)
    .option('--svg <folder>', 'draw a timeline of each finding there')
    .option('--json', 'one JSON document on standard output')
    .action(act(async (history: string, options: object) => (await import('./verbs/judge.ts')).judge(history, options)))
  program
    .command('get <what>')
    .description('install what some topologies need: postgres-14 … postgres-17')
    .action(act(async (what: string) => (await import('./verbs/get.ts')).get(what)))
  await program.parseAsync(words, { from: 'user' })
  return exitCode
}

function selecting(command: Command): Command {
  return command
    .argument('[families...]', 'families to take in, such as jwt conn; all if none is named')
    .option('--id <id>', 'only this entry (repeatable)', collect)
    .option('--priority <p>', 'p0, p1 or p2: this and everything more important')
    .option('--tags <expression>', 'such as "suite/jwt and not needs/docker"')
    .option('--pooler <kind>', 'pgdog, router or all; PgDog where it is found, else the router')
    .option('--provider <name>', 'embedded (default) or docker')
    .option('--topology <wish>', 'shards=2,pooler.poolSize=10,… or a YAML file')
    .option('--profile <name>', 'quick (default), gate or full')
    .option('--gate <gate>', 'run (default): all that was planned; p0: of that P0 only; release: every entry')
    .option('--json', 'one JSON document on standard output')
}

/** What measuring outside of the suites shares. */
function measuring(command: Command): Command {
  return command
    .option('--pooler <kind>', 'pgdog or router; PgDog where it is found')
    .option('--topology <wish>', 'shards=2,pooler.poolSize=10,… or a YAML file')
    .option('--part <part=program>', 'run this program in place of the reference part (repeatable)', collect)
    .option('--liar <name>', 'run liars/<name>.ts in place of its part')
    .option('--seed <text>', 'repeat the choices of an earlier run')
    .option('--json', 'one JSON document on standard output')
}

/** One sentence on standard error; the stack only for who asks by OROCHI_DEBUG=1. */
function complain(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.code === 'commander.help' || error.exitCode === 0) return error.exitCode === 0 ? 0 : 64
    console.error(`${error.message.replace(/^error: /, '').replaceAll('\n', ' ')}; \`orochi-harness --help\` shows what there is`)
    return 64
  }
  if (process.env['OROCHI_DEBUG'] === '1') console.error(error)
  console.error(error instanceof Error ? error.message : String(error))
  if (error instanceof UsageError || error instanceof SpecError) return 64
  if (!(error instanceof HarnessError)) return 70
  return error.code === 'bad-topology' || error.code === 'no-such-run' ? 64 : 2
}
