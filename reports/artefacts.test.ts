import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadSpec } from '../spec/load.ts'
import { asksForEntriesOnly, judgeArtefact } from './artefacts.ts'

let root: string
const report = () => join(root, 'coverage/unit/coverage-summary.json')
const judge = () => judgeArtefact('T1.2', 'coverage report of the unit suites > 80 %', true, root)

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'orochi-artefacts-'))
  mkdirSync(join(root, 'coverage/unit'), { recursive: true })
})
afterEach(() => rmSync(root, { recursive: true }))

function measured(pct: unknown, total = 10): void {
  writeFileSync(join(root, 'source.ts'), '')
  utimesSync(join(root, 'source.ts'), 1, 1)
  writeFileSync(report(), JSON.stringify({ total: { lines: { total, pct } }, 'source.ts': { lines: { total, pct } } }))
}

test.each([
  [80.01, 'proved', '80.01 % of lines are covered'],
  [80, 'refuted', 'not more than 80 %'],
  ['Unknown', 'unknown', 'does not tell'],
])('coverage of %s is %s', (pct, verdict, why) => {
  measured(pct)
  expect(judge()).toMatchObject({ verdict, why: expect.stringContaining(why), file: 'coverage/unit/coverage-summary.json' })
  expect(judge()?.sha256).toMatch(/^[0-9a-f]{64}$/)
})

test('coverage of no lines at all tells nothing', () => {
  measured(100, 0)
  expect(judge()?.verdict).toBe('unknown')
})

test('coverage that was not measured is missing, and so is one older than what it covers', () => {
  expect(judge()).toMatchObject({ verdict: 'missing', why: expect.stringContaining('npm run coverage') })
  measured(90)
  utimesSync(report(), 0, 0)
  expect(judge()).toMatchObject({ verdict: 'missing', why: expect.stringContaining('stale: source.ts changed') })
})

test('a report that is no JSON tells nothing', () => {
  writeFileSync(report(), '{')
  expect(judge()?.verdict).toBe('unknown')
})

test('what no check decides is missing, never assumed', () => {
  expect(judgeArtefact('P1.5.8', 'probe test on the running cluster, including a broken backend', true)?.verdict).toBe('missing')
  expect(judgeArtefact('P2.1.4', 'SHARD-001 passes', false)?.verdict).toBe('missing')
  expect(judgeArtefact('P2.1.4', 'SHARD-001 passes', true)).toBeNull()
})

/** `SHARD-002, 007 and RW-001` → SHARD-002, SHARD-007, RW-001; a range names its ends. */
function idsIn(words: string): readonly string[] {
  let family = ''
  return [...words.matchAll(/(?:([A-Z]+)-)?(\d{3})/g)].map(([, named, number]) => {
    family = named ?? family
    return `${family}-${number}`
  })
}

test('an artefact that only asks for entries names none that are not among the evidence of its marker', () => {
  const spec = loadSpec()
  const markers = [...spec.markers.values()].map(({ id, evidence: { tests, testsExtended, artefact } }) => ({
    id,
    tests: [...tests, ...testsExtended],
    artefact,
  }))
  const testMarkers = [...spec.tests.values()].map(({ id, evidence: { tests, artefact } }) => ({ id, tests, artefact }))
  const asked = [...markers, ...testMarkers].filter(({ artefact }) => asksForEntriesOnly.test(artefact))
  const lacking = asked.flatMap(({ id, tests, artefact }) =>
    idsIn(artefact).flatMap((named) => (tests.includes(named) ? [] : [`${id}: ${named}`])),
  )
  expect(asked.length).toBeGreaterThan(15)
  expect(lacking).toEqual([])
})
