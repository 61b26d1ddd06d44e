import { expect, test } from 'vitest'
import type { ClauseOutcome } from './evidence.ts'
import { loadSpec } from './load.ts'
import { isUndecided } from './undecided.ts'
import { worst, type Folded } from './verdict.ts'

const entry = loadSpec().entries.get('LAT-001')!
const setting = { pooler: 'pgdog', provider: 'embedded', topology: '', fingerprint: '' } as const
const open: ClauseOutcome = { verdict: 'unknown', reason: 'inconclusive', why: '' }

function folded(first: ClauseOutcome, second: ClauseOutcome, whole: ClauseOutcome = { verdict: 'proved' }): Folded {
  const clauses = Object.fromEntries(entry.clauses.map(({ key }, n) => [key, n === 0 ? first : second]))
  const verdict = worst([first, second, whole].map((one) => one.verdict))
  const rest = { reason: null, why: '', attempts: 1, flipped: false, stale: 0, durationMs: 0, setting, at: '' }
  return { entry: entry.id, verdict, whole, clauses, ...rest }
}

test.each<[string, Folded, boolean]>([
  ['one clause is open, the other proved', folded({ verdict: 'proved' }, open), true],
  ['both are open', folded(open, { ...open, reason: 'machine-too-small' }), true],
  ['all is proved', folded({ verdict: 'proved' }, { verdict: 'proved' }), false],
  ['something is refuted', folded({ verdict: 'refuted', why: '' }, open), false],
  ['the harness failed', folded({ ...open, reason: 'harness-error' }, open), false],
  ['the entry as a whole is unknown', folded(open, open, { ...open, reason: 'time-out' }), false],
])('undecided by the machine: %s', (_, one, is) => {
  expect(isUndecided(entry, one)).toBe(is)
})

test('only measured entries can be undecided by a machine', () => {
  expect(isUndecided(loadSpec().entries.get('JWT-002')!, folded(open, open))).toBe(false)
})
