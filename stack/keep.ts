/** Holds a system up until it is told to stop; says on one line of JSON how to reach it. Run as a program by `up`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mint, type Overrides } from '../fixtures/tokens.ts'
import type { Setting } from '../spec/evidence.ts'
import { HarnessError } from './harness-error.ts'
import { openLedger } from './ledger.ts'
import { limitMs } from './limits.ts'
import { raise } from './raise.ts'
import type { FrontDoor, Login, Stack } from './stack.ts'
import { runFolder } from './state.ts'
import { undoRun } from './sweep.ts'
import { defaultTopology } from './wish.ts'

/** What others need to know of a system that is up. */
export interface Kept {
  readonly run: string
  readonly setting: Setting
  readonly versions: Readonly<Record<string, string>>
  readonly door: FrontDoor
  readonly caFile: string
  readonly pooler: Login
  /** The primary of each shard, as superuser. */
  readonly servers: readonly Login[]
  readonly issuer: Stack['issuer']
}

/** What the keeper of a run wrote down. */
export function readKept(run: string): Kept {
  try {
    return JSON.parse(readFileSync(join(runFolder(run), 'up.json'), 'utf8')) as Kept
  } catch (error) {
    throw new HarnessError('no-such-run', `no system is up as "${run}"`, { cause: error })
  }
}

export function mintFrom({ issuer, audience, keyId }: Stack['issuer'], privateKeyPem: string, overrides: Overrides): Promise<string> {
  return mint({ issuer, audience, keyId, privateKeyPem }, overrides)
}

function describe(run: string, stack: Stack): Kept {
  const caFile = join(stack.dir, 'ca.crt')
  writeFileSync(caFile, stack.door.ca)
  const servers = Array.from({ length: stack.topology.shards }, (_, shard) => stack.server(shard))
  return {
    run,
    setting: stack.setting,
    versions: stack.versions,
    door: stack.door,
    caFile,
    pooler: stack.pooler,
    servers,
    issuer: stack.issuer,
  }
}

async function keep(run: string, provider: 'embedded' | 'docker', wishText: string): Promise<void> {
  openLedger(run, 'main')
  const { programs, pooler, topology } = JSON.parse(wishText) as Record<string, object>
  const asked = new Promise<void>((resolve) => process.on('SIGTERM', resolve).on('SIGINT', resolve))
  const stack = await raise(defaultTopology({ programs: programs ?? {} }, { pooler: pooler ?? {} }, topology ?? {}), {
    run,
    provider,
    signal: AbortSignal.timeout(limitMs('stack-start')),
  })
  const kept = describe(run, stack)
  writeFileSync(join(runFolder(run), 'up.json'), JSON.stringify(kept), { mode: 0o600 })
  process.stdout.on('error', () => {})
  process.stdout.write(`${JSON.stringify(kept)}\n`)
  await asked
  await stack[Symbol.asyncDispose]()
}

if (import.meta.main) {
  const [run = '', provider = 'embedded', wish = '{}'] = process.argv.slice(2)
  try {
    await keep(run, provider as 'embedded' | 'docker', wish)
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = 2
  }
  await undoRun(run)
}
