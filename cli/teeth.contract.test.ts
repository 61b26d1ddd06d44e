/** Teeth, tried on a gateway that does not lie: only an assertion of the very clause counts as caught. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTiny, type Ended } from './testing/tiny.ts'

const tiny = openTiny()
afterAll(() => tiny[Symbol.dispose]())

interface Told {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly flaws: readonly string[]
  readonly liars: readonly {
    readonly run: string
    readonly found: readonly { readonly id: string; readonly clause: string; readonly fate: string; readonly why: string }[]
    readonly alsoUpset: readonly string[]
  }[]
}

let ended: Ended
let told: Told
beforeAll(async () => {
  ended = await tiny.harness('teeth', 'gateway-honest', '--json')
  told = JSON.parse(ended.stdout) as Told
}, 100_000)

test('what is proved in front of it is missed, and so is what the harness could not tell; an absent capability is neither', () => {
  const fates = Object.fromEntries(told.liars[0]!.found.map(({ id, clause, fate }) => [`${id} ${clause}`, fate]))
  expect(fates).toEqual({
    'JWT-001 first': 'missed',
    'JWT-002 second': 'caught',
    'JWT-003 second': 'missed',
    'JWT-004 first': 'untried',
  })
})

test('a miss, and a clause without any liar, fail', () => {
  expect(ended.exitCode).toBe(1)
  expect(told.flaws).toContain('toothless: JWT-001 second is refuted by no liar')
  expect(told).toMatchObject({ passed: 1, skipped: 1, failed: 2 + told.flaws.length })
})

test('the run is kept like any other, and counts for nothing', async () => {
  expect(existsSync(join(tiny.dir, 'out', told.liars[0]!.run, 'verdicts.json'))).toBe(true)
  const report = await tiny.harness('report', '--no-allure')
  expect(report.stdout).not.toContain('proved')
}, 60_000)

test('an unknown liar is one sentence', async () => {
  const { exitCode, stderr } = await tiny.harness('teeth', 'gateway-honst')
  expect([exitCode, stderr]).toEqual([64, 'there is no liar "gateway-honst": did you mean gateway-honest?\n'])
})
