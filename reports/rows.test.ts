import { mkdtempSync, rmSync, writeFileSync, mkdirSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { EvidenceLine } from '../spec/evidence.ts'
import type { Spec } from '../spec/load.ts'
import { outcomeOf, standingOf } from './outcome.ts'
import { readRuns } from './read.ts'
import { rowsOf, type Row, type RowOptions } from './rows.ts'
import { examplePlan, exampleRun, exampleSpec, exampleTold, type Told } from './testing/example.ts'

let dir: string
let spec: Spec
const out = () => join(dir, 'out')
const rowsIn = (options?: RowOptions): readonly Row[] => rowsOf(spec, readRuns(out()), options)
const rowsFor = (id: string, options?: RowOptions) => rowsIn(options).filter((row) => row.entry.id === id)
const rowFor = (id: string, options?: RowOptions) => rowsFor(id, options)[0]!

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'orochi-rows-'))
  spec = exampleSpec(join(dir, 'spec'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const good: Told = { id: 'JWT-001', clause: { verdict: 'proved' }, whole: { verdict: 'proved' } }
const bad: Told = { ...good, clause: { verdict: 'refuted', why: 'once' } }
const absent: Told = { id: 'JWT-001', clause: null, whole: { verdict: 'unsupported', why: 'not here' } }
const old: Told = { ...good, grounds: 'old' }
const [first, second] = ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z']

test('each verdict is derived from its evidence', () => {
  exampleRun(spec, join(out(), 'a'))
  expect(Object.fromEntries(rowsIn().map((row) => [row.entry.id, [row.verdict, standingOf(row)]]))).toEqual({
    'JWT-001': ['proved', 'passed'],
    'JWT-002': ['refuted', 'failed'],
    'JWT-003': ['unknown', 'failed'],
    'JWT-004': ['unsupported', 'skipped'],
    'JWT-005': ['missing', 'failed'],
    'JWT-006': ['refuted', 'passed'],
  })
  expect(rowFor('JWT-003')).toMatchObject({ folded: { reason: 'killed' }, why: expect.stringContaining('killed: ') })
})

test('a proof where a refutation is expected is a surprise', () => {
  exampleRun(spec, join(out(), 'a'), { told: [{ ...good, id: 'JWT-006' }] })
  expect(rowFor('JWT-006').surprise).toContain('expected refuted')
  expect(outcomeOf([rowFor('JWT-006')], 'run').exitCode).toBe(1)
})

test('evidence on other grounds than today’s is stale, says since when, and does not count', () => {
  exampleRun(spec, join(out(), 'a'), { told: [old] })
  expect(rowFor('JWT-001')).toMatchObject({
    verdict: 'missing',
    pooler: 'pgdog',
    folded: null,
    stale: { changed: ['the words of the entry'], run: 'a', at: first },
    why: 'stale: since then the words of the entry changed (2026-01-01T00:00, run a)',
  })
})

test('stale evidence is not held against newer evidence that counts, nor against older', () => {
  exampleRun(spec, join(out(), 'a'), { told: [old], at: first })
  exampleRun(spec, join(out(), 'b'), { told: [good], at: second })
  expect(rowsFor('JWT-001')).toMatchObject([{ verdict: 'proved', stale: null, why: '', run: 'b' }])
  exampleRun(spec, join(out(), 'c'), { told: [old], at: '2026-01-03T00:00:00.000Z' })
  expect(rowsFor('JWT-001')).toMatchObject([{ verdict: 'proved', stale: null, run: 'b' }])
})

test('the report of one run shows what it found, though the grounds have changed since', () => {
  exampleRun(spec, join(out(), 'a'), { told: [good] })
  const now = { kit: 'other', parts: 'other', testFile: () => null }
  expect(rowFor('JWT-001', { standIns: 'admitted', now })).toMatchObject({
    verdict: 'proved',
    why: 'since then its test, the kit, the parts changed',
  })
  expect(rowFor('JWT-001', { now }).verdict).toBe('missing')
})

test('a run in which a liar stood in counts for nothing, and its plan wants nothing', () => {
  exampleRun(spec, join(out(), 'a'), { told: [good], at: first, plan: { ...examplePlan, entries: examplePlan.entries.slice(0, 1) } })
  exampleRun(spec, join(out(), 'b'), { told: [bad], at: second, liar: 'gateway-forgets-expiry' })
  expect(rowsIn().map((row) => [row.verdict, row.planned])).toEqual([['proved', true], ...Array(5).fill(['missing', false])])
})

test('attempts that do not agree fail, whatever the last one says', () => {
  exampleRun(spec, join(out(), 'a'), { told: [bad, { ...good, attempt: 2 }] })
  expect(rowFor('JWT-001')).toMatchObject({ verdict: 'refuted', why: expect.stringContaining('attempts do not agree') })
  expect(standingOf(rowFor('JWT-001'))).toBe('failed')
})

test('attempts of which one was unsupported do not agree either', () => {
  exampleRun(spec, join(out(), 'a'), { told: [absent, { ...good, attempt: 2 }] })
  expect([rowFor('JWT-001').verdict, standingOf(rowFor('JWT-001'))]).toEqual(['unsupported', 'failed'])
})

test('over several runs the newest evidence that counts wins, whatever the folders are called', () => {
  exampleRun(spec, join(out(), 'b'), { told: [good], at: second })
  exampleRun(spec, join(out(), 'c'), { told: [bad], at: first })
  expect(rowsFor('JWT-001')).toMatchObject([{ verdict: 'proved', run: 'b' }])
})

test('what was unsupported in a newer run tells nothing and displaces nothing', () => {
  exampleRun(spec, join(out(), 'a'), { told: [good], at: first })
  exampleRun(spec, join(out(), 'b'), { told: [absent], at: second })
  expect(rowsFor('JWT-001')).toMatchObject([{ verdict: 'proved', run: 'a' }])
})

test('what never came as far as a topology gives way to newer evidence on its pooler', () => {
  const crash: Told = { ...good, clause: null, topology: 'none', whole: { verdict: 'unknown', reason: 'harness-crash', why: 'gone' } }
  exampleRun(spec, join(out(), 'a'), { told: [crash], at: first })
  expect(rowFor('JWT-001').verdict).toBe('unknown')
  exampleRun(spec, join(out(), 'b'), { told: [good], at: second })
  expect(rowsFor('JWT-001')).toMatchObject([{ verdict: 'proved', run: 'b' }])
})

test('verdicts are kept apart by pooler and by topology', () => {
  exampleRun(spec, join(out(), 'a'), { told: [good, { ...bad, pooler: 'router' }, { ...bad, topology: 'shards=2' }] })
  expect(rowsFor('JWT-001').map((row) => [row.pooler, row.folded?.setting.topology, row.verdict])).toEqual([
    ['pgdog', 'shards=1', 'proved'],
    ['router', 'shards=1', 'refuted'],
    ['pgdog', 'shards=2', 'refuted'],
  ])
})

test('each pooler that a plan wanted has a row, also where nothing that counts came of it', () => {
  exampleRun(spec, join(out(), 'a'), { plan: { ...examplePlan, pooler: 'pgdog+router' } })
  expect(rowsFor('JWT-001').map((row) => [row.pooler, row.verdict, row.planned])).toEqual([
    ['pgdog', 'proved', true],
    ['router', 'missing', true],
  ])
})

test('what any plan wanted counts, not only the newest', () => {
  exampleRun(spec, join(out(), 'a'), { told: [], at: first })
  const left = examplePlan.entries.map((one) => ({ ...one, in: false, why: 'not chosen' }))
  exampleRun(spec, join(out(), 'b'), { told: [], at: second, plan: { ...examplePlan, entries: left } })
  expect(rowFor('JWT-005')).toMatchObject({ planned: true, verdict: 'missing', why: 'not run: not chosen' })
})

test('a run without a plan counts for what it tried', () => {
  exampleRun(spec, join(out(), 'a'), { told: [good], plan: null })
  expect(outcomeOf(rowsIn(), 'run')).toEqual({ passed: 1, failed: 0, skipped: 0, exitCode: 0 })
})

test('under the release gate what is about the pooler lacks PgDog', () => {
  exampleRun(spec, join(out(), 'a'), { told: [{ ...good, pooler: 'router' }], plan: null })
  const needy = [...spec.entries.values()].map((entry) => [entry.id, { ...entry, needs: ['pooler'] as const }] as const)
  const rows = rowsOf({ ...spec, entries: new Map(needy) }, readRuns(out()), { gate: 'release' })
  expect(rows.filter((row) => row.entry.id === 'JWT-001').map((row) => [row.pooler, row.verdict])).toEqual([
    ['router', 'proved'],
    ['pgdog', 'missing'],
  ])
})

test('figures and files belong to the system they were gathered on; a file that changed or left is noticed', () => {
  const sha256 = createHash('sha256').update('kept').digest('hex')
  const attached = (path: string): EvidenceLine => ({ kind: 'attached', at: first, entry: 'JWT-001', attempt: 1, name: path, path, sha256 })
  const measured: EvidenceLine = { kind: 'measured', at: first, entry: 'JWT-001', attempt: 1, name: 'wait', value: 5, unit: 'ms' }
  const extra = [measured, attached('whole.txt'), attached('changed.txt'), attached('gone.txt'), attached('../../spec/families/jwt.yaml')]
  mkdirSync(join(out(), 'a'), { recursive: true })
  writeFileSync(join(out(), 'a', 'whole.txt'), 'kept')
  writeFileSync(join(out(), 'a', 'changed.txt'), 'kept?')
  exampleRun(spec, join(out(), 'a'), {
    told: [
      { ...good, extra },
      { ...good, pooler: 'router' },
    ],
  })
  const [pgdog, router] = rowsFor('JWT-001')
  expect(pgdog?.exhibits.measured).toEqual([{ name: 'wait', value: 5, unit: 'ms' }])
  expect(pgdog?.exhibits.kept.map((one) => one.state)).toEqual(['whole', 'changed', 'gone', 'gone'])
  expect(router?.exhibits).toEqual({ measured: [], kept: [], versions: {} })
})

test('entries the specification no longer has are not spoken of', () => {
  exampleRun(spec, join(out(), 'a'), { told: exampleTold })
  const fewer = { ...spec, entries: new Map([...spec.entries].slice(0, 1)) }
  expect(rowsOf(fewer, readRuns(out())).map((row) => row.entry.id)).toEqual(['JWT-001'])
})

test('rows of one entry on several topologies are told apart by what their texts do not share', () => {
  exampleRun(spec, join(out(), 'a'), { told: [{ ...good, topology: 'shards=4 pool=5 hash=own' }] })
  exampleRun(spec, join(out(), 'b'), { told: [{ ...good, topology: 'shards=8 pool=5 hash=own' }] })
  expect(rowsFor('JWT-001').map(({ apart }) => apart)).toEqual(['shards=4', 'shards=8'])
  exampleRun(spec, join(out(), 'c'), { told: [{ ...good, id: 'JWT-002' }] })
  expect(rowFor('JWT-002').apart).toBe('')
})
