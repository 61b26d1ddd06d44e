import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { yesSayers } from './contract.ts'
import { checkOf, type Finding } from './finding.ts'
import { allChecks, checkNamed, judge } from './judge.ts'
import { madeHistory, type Made } from './testing/made.ts'
import { endEachWell, plants } from './testing/planted.ts'

const checks = await Promise.all(allChecks().map(checkNamed))
const seeds = fc.integer({ min: 0, max: 1e9 }).map(String)
describe.each(checks.map((check) => [check.name, check] as const))('%s', (name, check) => {
  test('finds nothing where all went right', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 400 }), (seed, size) => {
        const history = madeHistory(seed, size)
        endEachWell(history)
        expect(check.judge(history)).toEqual([])
      }),
      { numRuns: 40 },
    )
  })

  test.each(Object.keys(plants[name] ?? {}))('finds a planted %s', (kind) => {
    let planted = 0
    fc.assert(
      fc.property(seeds, fc.integer({ min: 40, max: 300 }), (seed, size) => {
        const history = madeHistory(seed, size)
        if (!plants[name]![kind]!(history)) return
        planted++
        const kinds = check.judge(history).map((finding) => finding.kind)
        expect(kinds).toContain(kind)
      }),
      { numRuns: 40 },
    )
    expect(planted, 'histories in which the anomaly had a place').toBeGreaterThan(5)
  })

  test('says nothing it could not say of a history that was cut off', async () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const history = madeHistory(seed, 100)
        const cut = { ...history, truths: [], fences: [], samples: [], cutOff: true }
        expect(check.judge(cut)).toEqual([])
      }),
      { numRuns: 20 },
    )
  })
})

test('every check has an anomaly that it is to find, and a check that always says yes is found', async () => {
  const finds = (name: string) =>
    Object.entries(plants[name] ?? {}).map(([kind, plant]) => ({ kind, plant: (history: Made) => plant(history) }))
  const histories = Array.from({ length: 20 }, (_, seed) => `contract ${seed}`)
  const plantIn = (name: string) =>
    finds(name).flatMap(({ kind, plant }) =>
      histories.flatMap((seed) => {
        const history = madeHistory(seed, 120)
        return plant(history) ? [{ kind, history }] : []
      }),
    )
  expect(yesSayers(checks, plantIn)).toEqual([])
  const yes = checkOf('acknowledged-writes', 'whatever you say', () => [])
  expect(yesSayers([yes], plantIn)).toEqual(['acknowledged-writes does not find "lost-write"'])
  expect(yesSayers([checkOf('never-heard-of', '', () => [])], plantIn)).toEqual(['never-heard-of has no anomaly that it is to find'])
})

test('a check that breaks down is told as unknown, and names nobody knows are refused', async () => {
  const history = { ...madeHistory('x', 50), facts: {} }
  const { unknown, findings } = await judge(history, ['atomic-at-the-end', 'one-owner'])
  expect([unknown.map(({ check }) => check), findings]).toEqual([['atomic-at-the-end'], [] as Finding[]])
  await expect(judge(history, ['acknowledged-write'])).rejects.toThrow(
    'there is no check "acknowledged-write": did you mean acknowledged-writes?',
  )
})

test('the same history gives the same findings, and fast', async () => {
  const history = madeHistory('fast', 20_000, 40)
  const first = await judge(history, allChecks())
  const before = process.cpuUsage()
  const again = await judge(history, allChecks())
  const { user, system } = process.cpuUsage(before)
  expect(again).toEqual(first)
  expect(history.operations.length / ((user + system) / 1e6), 'operations per second of processor time').toBeGreaterThan(50_000)
})
