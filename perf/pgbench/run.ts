/** One block of load by pgbench, open loop, told in the shape that our own generator tells its blocks in. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HarnessError } from '../../stack/harness-error.ts'
import type { Block } from '../generator/block.ts'
import type { Way } from '../generator/client.ts'
import { runTool } from '../load-tool.ts'
import { readPgbenchLog } from './log.ts'

export interface PgbenchLoad {
  readonly program: string
  readonly way: Way
  /** The statements of one transaction. */
  readonly script: string
  readonly mode: 'simple' | 'extended' | 'prepared'
  readonly perSecond: number
  readonly seconds: number
  readonly connections: number
  /** A number: pgbench knows no other seeds. */
  readonly seed: number
  /** What would begin so late is counted and left out, ms; null: everything is done, however late. */
  readonly lateLimitMs: number | null
}

const patienceMs = 20_000

export async function runPgbench(load: PgbenchLoad, signal?: AbortSignal): Promise<Block> {
  const dir = mkdtempSync(join(tmpdir(), 'orochi-pgbench-'))
  try {
    const start = performance.now()
    const trouble = await run(load, dir, signal)
    const elapsedMs = performance.now() - start
    return blockOf(readLogs(dir), trouble, elapsedMs)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function blockOf(logs: readonly string[], trouble: string, elapsedMs: number): Block {
  const { times, lag, skipped, failed } = readPgbenchLog(logs)
  const sent = times.length + failed
  return { times, lateness: lag, scheduled: sent + skipped, sent, dropped: skipped, errors: failed, trouble, elapsedMs }
}

/** With several threads there are several files. */
function readLogs(dir: string): readonly string[] {
  const names = readdirSync(dir).filter((name) => name.startsWith('log.'))
  return names.map((name) => readFileSync(join(dir, name), 'utf8'))
}

/** Resolves to the first thing it complained of; empty if nothing. */
async function run(load: PgbenchLoad, dir: string, signal?: AbortSignal): Promise<string> {
  writeFileSync(join(dir, 'script.sql'), load.script)
  if (load.way.ca !== null) writeFileSync(join(dir, 'ca.crt'), load.way.ca)
  const { code, said } = await runTool({
    program: load.program,
    argv: argvOf(load, dir),
    cwd: dir,
    env: { PATH: process.env['PATH'], LC_ALL: 'C', ...environmentOf(load.way, dir) },
    limitMs: load.seconds * 1000 + patienceMs,
    signal,
  })
  const trouble = /^pgbench: (?:error|fatal): (.*)$/m.exec(said)?.[1] ?? ''
  // 2: it ran, and some transactions failed; they are in the log.
  if (code !== 0 && code !== 2)
    throw new HarnessError('tool-missing', `${load.program} ended with ${code}: ${trouble || said.trim().slice(-300)}`)
  return trouble
}

function argvOf(load: PgbenchLoad, dir: string): string[] {
  const late = load.lateLimitMs === null ? [] : ['-L', String(load.lateLimitMs)]
  const threads = Math.min(load.connections, 2)
  return [
    ...['-n', '-c', String(load.connections), '-j', String(threads), '-T', String(load.seconds), '-R', String(load.perSecond)],
    ...['-M', load.mode, '-l', `--log-prefix=${join(dir, 'log')}`, '-f', join(dir, 'script.sql'), `--random-seed=${load.seed}`],
    ...late,
    load.way.database,
  ]
}

/** The password goes by the environment: nobody else can read it there. */
function environmentOf({ host, port, user, password, ca, servername }: Way, dir: string): Record<string, string> {
  const tls = ca === null ? { PGSSLMODE: 'disable' } : { PGSSLMODE: 'verify-full', PGSSLROOTCERT: join(dir, 'ca.crt') }
  // By its name, since that is what its certificate says; by its address, since that is where it is.
  const named: Record<string, string> = servername === undefined ? { PGHOST: host } : { PGHOST: servername, PGHOSTADDR: host }
  return { ...named, PGPORT: String(port), PGUSER: user, PGPASSWORD: password, PGCONNECT_TIMEOUT: '15', PGGSSENCMODE: 'disable', ...tls }
}
