/** A run that is asked to stop, or loses the npm that started it, reports what it had and leaves nothing. */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { projectRoot } from './project.ts'
import { endOf, openTiny } from './testing/tiny.ts'

const tiny = openTiny()
afterAll(() => tiny[Symbol.dispose]())

const out = join(tiny.dir, 'out')
const namesIn = (dir: string) => (existsSync(dir) ? readdirSync(dir) : [])
const runsLeft = () => namesIn(join(tiny.dir, 'state', 'runs'))
const evidenceOf = (run: string) =>
  readFileSync(join(out, run, 'evidence.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string; exitCode?: number })

async function until(holds: () => boolean, what: string): Promise<void> {
  for (const deadline = Date.now() + 30_000; !holds(); await sleep(50)) if (Date.now() > deadline) throw new Error(`not in time: ${what}`)
}

/** The run that is not in `before`, once its worker has begun to work. */
async function aRunAtWork(before: readonly string[]): Promise<string> {
  const fresh = () => namesIn(out).find((name) => !before.includes(name))
  await until(() => fresh() !== undefined, 'a run')
  const stacks = join(tiny.dir, 'state', 'runs', fresh()!, 'stacks')
  await until(() => namesIn(stacks).length > 0, 'a stack')
  return fresh()!
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  '%s: exit code %i, the report is written, nothing is left',
  async (signal, exitCode) => {
    const before = namesIn(out)
    const child = tiny.start(process.execPath, join(projectRoot, 'cli/bin.mjs'), 'suite', '--pooler', 'router')
    const ended = endOf(child)
    const run = await aRunAtWork(before)
    child.kill(signal)
    expect(await ended).toMatchObject({ exitCode, stdout: expect.stringContaining('stopping') as string })
    expect(namesIn(join(out, run))).toEqual(expect.arrayContaining(['verdicts.json', 'checklist.md', 'junit.xml']))
    expect(evidenceOf(run).at(-1)).toMatchObject({ kind: 'finished', exitCode })
    expect(runsLeft()).toEqual([])
  },
  60_000,
)

test('the npm that started it is killed: the run notices and ends itself', async () => {
  const before = namesIn(out)
  const npm = tiny.start('npm', 'run', 'suite', '--', '--pooler', 'router')
  const ended = endOf(npm)
  const run = await aRunAtWork(before)
  npm.kill('SIGKILL')
  await until(() => evidenceOf(run).at(-1)?.kind === 'finished', 'the end of the run')
  expect(evidenceOf(run).at(-1)).toMatchObject({ exitCode: 143 })
  await until(() => runsLeft().length === 0, 'nothing left')
  await ended
}, 60_000)

test('the run itself is killed: its watchdog leaves nothing, and the next run is clean', async () => {
  const before = namesIn(out)
  const child = tiny.start(process.execPath, join(projectRoot, 'cli/bin.mjs'), 'suite', '--pooler', 'router')
  const ended = endOf(child)
  await aRunAtWork(before)
  child.kill('SIGKILL')
  await ended
  await until(() => runsLeft().length === 0, 'nothing left')
  const next = await tiny.harness('suite', '--id', 'JWT-001', '--pooler', 'router', '--json')
  expect(JSON.parse(next.stdout)).toMatchObject({ passed: 1, failed: 0, verdicts: [{ id: 'JWT-001', verdict: 'proved' }] })
}, 90_000)
