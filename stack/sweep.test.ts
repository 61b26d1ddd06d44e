import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { openLedger, readLedger } from './ledger.ts'
import { familyOf, identify, isAlive, type ProcessId } from './processes.ts'
import { runFolder } from './state.ts'
import { down, downDead, isLiving, listRuns, undoRun } from './sweep.ts'
import { scratchState } from './testing/scratch.ts'

interface Owner {
  readonly child: ChildProcess
  /** Its parts and their children. */
  readonly family: readonly ProcessId[]
}

/** An owner in a session of its own, so that killing its group takes everything that is in it. */
async function startOwner(run: string): Promise<Owner> {
  const program = join(import.meta.dirname, 'testing', 'owner.ts')
  const child = spawn(process.execPath, [program, run], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string]
  const parts = (JSON.parse(line) as number[]).map((pid) => identify(pid)!)
  return { child, family: parts.flatMap(familyOf) }
}

async function killOwner({ child }: Owner): Promise<void> {
  process.kill(-child.pid!, 'SIGKILL')
  await once(child, 'exit')
}

test('an owner killed with its whole group is cleaned up after by the watchdog: no process, no folder', async () => {
  await using _ = scratchState()
  const owner = await startOwner('killed')
  expect(owner.family.length).toBeGreaterThanOrEqual(3)
  expect(isLiving('killed')).toBe(true)
  await killOwner(owner)
  await expect.poll(() => existsSync(runFolder('killed')), { timeout: 15_000 }).toBe(false)
  expect(owner.family.filter(isAlive)).toEqual([])
})

test('down removes what dead runs left when no watchdog did, and leaves a living run alone', async () => {
  await using _ = scratchState()
  process.env['OROCHI_WATCHED'] = 'unwatched'
  const [dead, living] = await Promise.all([startOwner('unwatched'), startOwner('living')])
  delete process.env['OROCHI_WATCHED']
  await killOwner(dead)
  expect(listRuns()).toEqual([
    { run: 'living', living: true },
    { run: 'unwatched', living: false },
  ])
  expect(await downDead()).toEqual(['unwatched'])
  expect(dead.family.filter(isAlive)).toEqual([])
  expect(existsSync(runFolder('unwatched'))).toBe(false)
  expect(living.family.every(isAlive)).toBe(true)
  await down('living')
  expect(living.family.filter(isAlive)).toEqual([])
  expect(listRuns()).toEqual([])
})

test('a worker that dies loses what it started, the run of the living main goes on', async () => {
  await using _ = scratchState()
  const main = openLedger('shared', 'main')
  const worker = await startOwner('shared')
  const stacks = join(main.dir, 'stacks', 'one')
  expect(existsSync(stacks)).toBe(true)
  await killOwner(worker)
  await expect.poll(() => worker.family.some(isAlive) || existsSync(stacks), { timeout: 15_000 }).toBe(false)
  expect(isLiving('shared')).toBe(true)
  expect(existsSync(main.dir)).toBe(true)
})

test('undoing twice, and undoing nothing, is the same as once', async () => {
  await using _ = scratchState()
  const ledger = openLedger('twice', 'worker')
  const folder = join(ledger.dir, 'stacks', 'x')
  ledger.note({ kind: 'folder', owner: process.pid, path: folder })
  mkdirSync(folder, { recursive: true })
  await undoRun('twice')
  await undoRun('twice')
  expect(existsSync(ledger.dir)).toBe(false)
})

test('a process whose number was given to another is spared, and a folder outside the state root too', async () => {
  await using scratch = scratchState()
  const bystander = spawn('sleep', ['60'], { stdio: 'ignore' })
  const outside = `${scratch.root}-outside`
  mkdirSync(outside)
  try {
    const ledger = openLedger('reused', 'worker')
    ledger.note({ kind: 'process', owner: process.pid, name: 'x', process: { pid: bystander.pid!, started: 'before' } })
    ledger.note({ kind: 'folder', owner: process.pid, path: outside })
    await undoRun('reused')
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull()
    expect(existsSync(outside)).toBe(true)
  } finally {
    bystander.kill('SIGKILL')
    rmSync(outside, { recursive: true })
  }
})

test('what a killed harness left half made in the cache goes, what a living one makes stays', async () => {
  await using scratch = scratchState()
  const cache = join(scratch.root, 'cache', 'prepared')
  const half = (pid: number) => join(cache, `cluster.making-${pid}-00ff00ff`)
  for (const pid of [2 ** 22 - 9, process.pid]) mkdirSync(half(pid), { recursive: true })
  mkdirSync(join(cache, 'cluster'))
  await downDead()
  expect(existsSync(half(2 ** 22 - 9))).toBe(false)
  expect(existsSync(half(process.pid))).toBe(true)
  expect(existsSync(join(cache, 'cluster'))).toBe(true)
})

test('a line cut off by a crash is left out, and the ledger goes on', async () => {
  await using _ = scratchState()
  const ledger = openLedger('cut', 'worker')
  writeFileSync(join(ledger.dir, 'ledger.jsonl'), '{"kind":"folder","owner":1,"pa', { flag: 'a' })
  ledger.note({ kind: 'closed', owner: 1 })
  expect(readLedger('cut').map(({ kind }) => kind)).toEqual(['owner', 'closed'])
})

test.for(['', '..', 'a/b', 'a b', 'x'.repeat(101)])('"%s" cannot name a run', async (run) => {
  await using _ = scratchState()
  expect(() => openLedger(run, 'worker')).toThrow(/cannot name a run/)
})
