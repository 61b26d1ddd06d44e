/** The rules from evidence to verdicts, by example and by property. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Entry } from './entry.ts'
import { unknownReasons, type ClauseOutcome, type EvidenceLine, type Setting } from './evidence.ts'
import { asExpected, foldEvidence, surpriseOf, worst, type Folded, type Verdict } from './verdict.ts'

const entry: Entry = {
  id: 'JWT-001',
  family: 'JWT',
  title: 'a title',
  priority: 'P0',
  kind: 'unit',
  status: 'live',
  given: 'g',
  when: 'w',
  clauses: [
    { key: 'a', text: 'a holds', needs: [] },
    { key: 'b', text: 'b holds', needs: [] },
  ],
  needs: [],
  expect: { pgdog: { verdict: 'refuted', because: 'so it is', clauses: ['b'], versions: '1' }, router: { verdict: 'proved' } },
  budget: null,
  budgets: {},
  provokes: [],
  timeoutMs: 1000,
  destructive: false,
  marker: null,
  evidenceFor: [],
  notes: [],
  origin: 'strategy',
  digest: 'd1',
  source: { file: 'f', line: 1 },
}

const router: Setting = { pooler: 'router', provider: 'embedded', topology: 'shards=1', fingerprint: 'f' }
const proved: ClauseOutcome = { verdict: 'proved' }
const refuted: ClauseOutcome = { verdict: 'refuted', why: 'it does not' }
const unsupported: ClauseOutcome = { verdict: 'unsupported', why: 'not here' }
const timeOut: ClauseOutcome = { verdict: 'unknown', reason: 'time-out', why: 'too late' }

const started = (attempt = 1, { setting = router, digest = 'd1', id = 'JWT-001' } = {}): EvidenceLine => ({
  kind: 'started',
  at: `start ${attempt}`,
  entry: id,
  attempt,
  seed: 's',
  setting,
  grounds: { entry: digest, testFile: 't', kit: 'k', parts: 'p' },
  testFile: 'x.test.ts',
})
const clause = (key: string, outcome: ClauseOutcome, attempt = 1, id = 'JWT-001'): EvidenceLine => ({
  kind: 'clause',
  at: 'c',
  entry: id,
  attempt,
  clause: key,
  outcome,
})
const ended = (outcome: ClauseOutcome = proved, attempt = 1, id = 'JWT-001'): EvidenceLine => ({
  kind: 'ended',
  at: `end ${attempt}`,
  entry: id,
  attempt,
  outcome,
  durationMs: 7,
})

const foldOne = (...lines: EvidenceLine[]): Folded => {
  const folded = foldEvidence(entry, lines)
  expect(folded).toHaveLength(1)
  return folded[0]!
}

/** A whole attempt that proves both clauses, and one that refutes the first. */
const good = (attempt: number) => [started(attempt), clause('a', proved, attempt), clause('b', proved, attempt), ended(proved, attempt)]
const bad = (attempt: number) => [started(attempt), clause('a', refuted, attempt), clause('b', proved, attempt), ended(proved, attempt)]

const fold = (a: ClauseOutcome, b: ClauseOutcome, whole: ClauseOutcome = proved) =>
  foldOne(started(), clause('a', a), clause('b', b), ended(whole))

describe('one attempt', () => {
  test('is proved if every clause is', () => {
    const folded = foldOne(started(), clause('a', proved), clause('b', proved), ended())
    expect(folded).toMatchObject({
      verdict: 'proved',
      reason: null,
      why: '',
      attempts: 1,
      flipped: false,
      stale: 0,
      durationMs: 7,
      at: 'end 1',
    })
    expect(folded.clauses).toEqual({ a: proved, b: proved })
  })

  test('that never ended was killed, whatever it proved before', () => {
    const folded = foldOne(started(), clause('a', proved))
    expect(folded).toMatchObject({ verdict: 'unknown', reason: 'killed' })
    expect(folded.clauses['b']).toMatchObject({ verdict: 'unknown', reason: 'killed' })
  })

  test('that was refuted before it was killed stays refuted', () => {
    expect(foldOne(started(), clause('a', refuted))).toMatchObject({ verdict: 'refuted', reason: null, why: 'a: it does not' })
  })

  test('that ended well but left a clause out is unknown', () => {
    expect(foldOne(started(), clause('a', proved), ended())).toMatchObject({ verdict: 'unknown', reason: 'clause-not-discharged' })
    expect(foldOne(started(), ended())).toMatchObject({ verdict: 'unknown', reason: 'clause-not-discharged' })
  })

  test('takes the worst of repeated lines', () => {
    expect(
      foldOne(started(), clause('a', proved), clause('a', refuted), clause('a', proved), clause('b', proved), ended()).clauses['a'],
    ).toEqual(refuted)
  })

  test('is unsupported as a whole if nothing of it ran', () => {
    const folded = foldOne(started(), ended(unsupported))
    expect(folded).toMatchObject({ verdict: 'unsupported', why: 'not here' })
    expect(folded.clauses).toEqual({ a: unsupported, b: unsupported })
  })

  test('is unsupported if one clause is and the rest is proved', () => {
    expect(foldOne(started(), clause('a', unsupported), clause('b', proved), ended())).toMatchObject({
      verdict: 'unsupported',
      why: 'a: not here',
    })
  })

  test('that called itself unsupported but tried a clause leaves the others unknown', () => {
    expect(foldOne(started(), clause('a', proved), ended(unsupported))).toMatchObject({
      verdict: 'unknown',
      reason: 'clause-not-discharged',
    })
  })

  test('carries the reason of its end to the clauses it did not reach', () => {
    const folded = foldOne(started(), clause('a', proved), ended(timeOut))
    expect(folded).toMatchObject({ verdict: 'unknown', reason: 'time-out', why: 'too late' })
    expect(folded.clauses).toEqual({ a: proved, b: timeOut })
  })

  test('is refuted as a whole though its clauses hold', () => {
    expect(foldOne(started(), clause('a', proved), clause('b', proved), ended(refuted))).toMatchObject({
      verdict: 'refuted',
      why: 'it does not',
    })
  })

  test('that speaks of a clause the entry does not have is not believed', () => {
    expect(foldOne(started(), clause('a', proved), clause('b', proved), clause('z', proved), ended())).toMatchObject({
      verdict: 'unknown',
      reason: 'harness-error',
    })
  })
})

describe('several attempts', () => {
  test('the worst wins and a flip is told', () => {
    expect(foldOne(...good(1), ...bad(2), ...good(3))).toMatchObject({ verdict: 'refuted', attempts: 3, flipped: true, at: 'end 2' })
    expect(foldOne(...good(1), ...good(2))).toMatchObject({ verdict: 'proved', attempts: 2, flipped: false, at: 'end 2' })
  })

  test('a second start with the same number is an attempt of its own', () => {
    expect(foldOne(started(), clause('a', proved), ...good(1))).toMatchObject({ verdict: 'unknown', reason: 'killed', attempts: 2 })
  })

  test('evidence for other words does not count', () => {
    expect(foldOne(started(1, { digest: 'old' }), clause('a', refuted), ended(), ...good(2))).toMatchObject({
      verdict: 'proved',
      attempts: 1,
      stale: 1,
    })
    expect(foldOne(started(1, { digest: 'old' }), clause('a', proved), clause('b', proved), ended())).toMatchObject({
      verdict: 'missing',
      attempts: 0,
      stale: 1,
      clauses: {},
    })
  })

  test('poolers and topologies are never merged', () => {
    const pgdog = { ...router, pooler: 'pgdog' } as const
    const two = { ...router, topology: 'shards=2' }
    const lines = [...good(1), started(2, { setting: pgdog }), ended(refuted, 2), started(3, { setting: two }), ended(unsupported, 3)]
    expect(foldEvidence(entry, lines).map(({ setting, verdict }) => [setting.pooler, setting.topology, verdict])).toEqual([
      ['router', 'shards=1', 'proved'],
      ['pgdog', 'shards=1', 'refuted'],
      ['router', 'shards=2', 'unsupported'],
    ])
  })

  test('lines of other entries and lines without a start are no evidence', () => {
    expect(foldEvidence(entry, [started(1, { id: 'JWT-002' }), ended(proved, 1, 'JWT-002'), clause('a', proved), ended()])).toEqual([])
  })
})

describe('properties', () => {
  const outcome: fc.Arbitrary<ClauseOutcome> = fc.oneof(
    fc.constant(proved),
    fc.record({ verdict: fc.constant('refuted' as const), why: fc.string() }),
    fc.record({ verdict: fc.constant('unsupported' as const), why: fc.string() }),
    fc.record({ verdict: fc.constant('unknown' as const), reason: fc.constantFrom(...unknownReasons), why: fc.string() }),
  )
  const told = fc.array(fc.tuple(fc.constantFrom('a', 'b'), outcome), { maxLength: 6 })
  const attempt = fc.record({ told, end: fc.option(outcome, { nil: null }), stale: fc.boolean() })
  const attempts = fc.array(attempt, { minLength: 1, maxLength: 4 })
  type Attempt = { told: [string, ClauseOutcome][]; end: ClauseOutcome | null; stale: boolean }
  const linesOf = (list: readonly Attempt[]) =>
    list.flatMap(({ told: lines, end, stale }, at) => [
      started(at, { digest: stale ? 'old' : 'd1' }),
      ...lines.map(([key, one]) => clause(key, one, at)),
      ...(end === null ? [] : [ended(end, at)]),
    ])
  const sound = (one: Attempt) =>
    one.end?.verdict === 'proved' &&
    ['a', 'b'].every((key) => one.told.some(([told_]) => told_ === key)) &&
    one.told.every(([, { verdict }]) => verdict === 'proved')
  const rank: Verdict[] = ['missing', 'proved', 'unsupported', 'unknown', 'refuted']

  test('the worst is no better than any, and does not depend on the order', () => {
    const verdicts = fc.array(fc.constantFrom(...rank))
    fc.assert(
      fc.property(verdicts, (list) => {
        const found = worst(list)
        expect(list.every((one) => rank.indexOf(one) <= rank.indexOf(found))).toBe(true)
        expect(list.length === 0 ? found === 'missing' : list.includes(found)).toBe(true)
        expect(worst(list.toReversed())).toBe(found)
      }),
    )
  })

  test('proved means: every attempt that counts ended well and proved every clause, and nothing else was said', () => {
    fc.assert(
      fc.property(attempts, (list) => {
        const counting = list.filter((one) => !one.stale)
        expect(foldOne(...linesOf(list)).verdict === 'proved').toBe(counting.length > 0 && counting.every(sound))
      }),
    )
  })

  test('a refutation anywhere that counts is never lost, and none is made up', () => {
    fc.assert(
      fc.property(attempts, (list) => {
        const said = list.some(
          (one) => !one.stale && [one.end, ...one.told.map(([, each]) => each)].some((each) => each?.verdict === 'refuted'),
        )
        expect(foldOne(...linesOf(list)).verdict === 'refuted').toBe(said)
      }),
    )
  })

  test('the verdict is the worst of the clauses and the whole; every attempt counts or is stale', () => {
    fc.assert(
      fc.property(attempts, (list) => {
        const folded = foldOne(...linesOf(list))
        const parts = [folded.whole, ...Object.values(folded.clauses)].map((one) => one.verdict)
        expect(folded.verdict).toBe(folded.attempts === 0 ? 'missing' : worst(parts))
        expect(folded.attempts + folded.stale).toBe(list.length)
        expect(folded.reason === null).toBe(folded.verdict !== 'unknown')
      }),
    )
  })

  test('the order of attempts does not change the verdict, and one more never makes it better', () => {
    fc.assert(
      fc.property(attempts, attempt, (list, more) => {
        const folded = foldOne(...linesOf(list))
        expect(foldOne(...linesOf(list.toReversed())).verdict).toBe(folded.verdict)
        expect(rank.indexOf(foldOne(...linesOf([...list, more])).verdict)).toBeGreaterThanOrEqual(rank.indexOf(folded.verdict))
      }),
    )
  })
})

describe('expectation', () => {
  test('proved is expected unless said otherwise', () => {
    expect(asExpected(entry, fold(proved, proved), 'router')).toBe(true)
    expect(asExpected(entry, fold(proved, proved), 'none')).toBe(true)
    for (const other of [refuted, unsupported, timeOut]) expect(asExpected(entry, fold(proved, other), 'router')).toBe(false)
  })

  test('where a refutation is expected, exactly the named clauses are refuted', () => {
    expect(asExpected(entry, fold(proved, refuted), 'pgdog')).toBe(true)
    expect(surpriseOf(entry, fold(proved, proved), 'pgdog')).toBe('expected refuted (so it is), is proved')
    expect(surpriseOf(entry, fold(refuted, refuted), 'pgdog')).toBe('clause "a" is refuted, expected proved: it does not')
    expect(surpriseOf(entry, fold(refuted, proved), 'pgdog')).toBe(
      'clause "a" is refuted, expected proved: it does not; clause "b" is proved, expected refuted',
    )
    expect(asExpected(entry, fold(unsupported, refuted), 'pgdog')).toBe(false)
    expect(surpriseOf(entry, fold(proved, timeOut), 'pgdog')).toBe('expected refuted (so it is), is unknown: b: too late')
    expect(surpriseOf(entry, fold(proved, refuted, timeOut), 'pgdog')).toBe('apart from its clauses it is unknown: too late')
  })

  test('no evidence is never as expected', () => {
    const [none] = foldEvidence(entry, [started(1, { digest: 'old' }), ended()])
    expect(asExpected(entry, none!, 'router')).toBe(false)
    expect(asExpected(entry, none!, 'pgdog')).toBe(false)
  })
})
