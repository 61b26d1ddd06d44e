/** The harness, tried by running it on a tiny catalogue: exit code, verdicts and what is left behind. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTiny, type Ended } from './testing/tiny.ts'

const tiny = openTiny()
const { dir, harness } = tiny

let ended: Ended
interface Told {
  readonly run: string
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly exitCode: number
  readonly errors: readonly string[]
  readonly verdicts: readonly {
    readonly id: string
    readonly verdict: string
    readonly why: string
    readonly clauses: Record<string, string>
  }[]
}
let told: Told

beforeAll(async () => {
  ended = await harness('suite', '--pooler', 'router', '--json')
  expect(ended.stdout, ended.stderr).not.toBe('')
  told = JSON.parse(ended.stdout) as Told
}, 110_000)
afterAll(() => tiny[Symbol.dispose]())

test('each entry ends in the verdict its body comes to', () => {
  expect(Object.fromEntries(told.verdicts.map(({ id, verdict }) => [id, verdict]))).toEqual({
    'JWT-001': 'proved',
    'JWT-002': 'refuted',
    'JWT-003': 'unknown',
    'JWT-004': 'unsupported',
    'JWT-005': 'missing',
    'JWT-006': 'unknown',
  })
})

test('a surprise gives exit code 1, and the counts add up', () => {
  expect(ended.exitCode).toBe(1)
  expect(told).toMatchObject({ passed: 1, failed: 4, skipped: 1, exitCode: 1 })
})

test('reasons are told: the assertion, the harness’s own error, the absent capability, the clause nobody tried', () => {
  const why = Object.fromEntries(told.verdicts.map((one) => [one.id, one.why]))
  expect(why['JWT-002']).toContain('two is three')
  expect(why['JWT-003']).toContain('the body broke')
  expect(why['JWT-004']).toContain('control-plane')
  expect(why['JWT-006']).toContain('second')
  expect(told.errors.join()).toContain('JWT-005 is live and has 0 spec calls')
})

test('a failure leaves a folder with the command that repeats just it', () => {
  const failures = readdirSync(join(dir, 'out', told.run, 'failures'))
  expect(failures).toContain('JWT-002-router-1')
  expect(readFileSync(join(dir, 'out', told.run, 'failures', 'JWT-002-router-1', 'README.txt'), 'utf8')).toContain(
    'npm run suite -- --id JWT-002',
  )
})

test('nothing is left running', () => {
  expect(readdirSync(join(dir, 'state', 'runs'))).toEqual([])
})

test('only what failed is run again, with the same seed', async () => {
  const again = JSON.parse((await harness('suite', '--rerun-failed', told.run, '--json')).stdout) as Told
  expect(again.verdicts.map(({ id }) => id)).toEqual(['JWT-002', 'JWT-003', 'JWT-005', 'JWT-006'])
  const seedOf = (run: string) =>
    (JSON.parse(readFileSync(join(dir, 'out', run, 'evidence.jsonl'), 'utf8').split('\n')[0] ?? '') as { seed: string }).seed
  expect(seedOf(again.run)).toBe(seedOf(told.run))
}, 110_000)

test.each([
  [['suite', 'jwtt'], 'did you mean jwt?'],
  [['suite', '--id', 'JWT-0001'], 'did you mean JWT-001?'],
  [['suite', '--nonsense'], 'unknown option'],
  [['suite', '--topology', 'shard=2'], 'did you mean shards?'],
  [['suite', '--tags', 'suite/conn'], 'nothing is selected'],
  [['nonsense'], 'unknown command'],
])('bad usage %j: one sentence, exit code 64, nothing started', async (argv, sentence) => {
  const { exitCode, stderr, stdout } = await harness(...argv)
  expect([exitCode, stdout]).toEqual([64, ''])
  expect(stderr).toContain(sentence)
  expect(stderr.trim().split('\n')).toHaveLength(1)
})
