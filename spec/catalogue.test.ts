/** The project's own specification: nothing of what was promised may get lost, and what is made from it is current. */
import { expect, test } from 'vitest'
import { firstDifference, generate } from './generate.ts'
import { loadSpec } from './load.ts'
import { tagsOf } from './ids-source.ts'

const spec = loadSpec()
const entries = [...spec.entries.values()]

/** Last number of each family: in the strategy document, and with what was added to it. */
const families: Record<string, [strategy: number, all: number]> = {
  '2PC': [0, 7],
  AUTH: [0, 6],
  BRANCH: [0, 6],
  CACHE: [0, 7],
  CHAOS: [7, 7],
  CONN: [10, 13],
  E2E: [0, 7],
  ERR: [0, 6],
  FAIL: [0, 6],
  HASH: [0, 6],
  JWT: [10, 17],
  LAT: [0, 5],
  MEM: [0, 5],
  MT: [0, 6],
  NET: [0, 5],
  OROCHI: [0, 10],
  PERF: [9, 12],
  POOL: [0, 10],
  REC: [0, 5],
  RW: [6, 11],
  SEC: [8, 13],
  SESS: [0, 8],
  SHARD: [11, 22],
  SQLI: [0, 5],
  THRU: [0, 5],
  TLS: [0, 7],
  WAKE: [0, 7],
}

/** Number of markers in each section of the strategy document. */
const sections = {
  P1: [4, 5, 5, 5, 8, 7],
  P2: [6, 5, 8, 6],
  P3: [7, 5, 8, 6, 5],
  P4: [7, 7, 6, 6, 6],
  T: [2, 4, 3, 3, 3],
  C: [8, 6, 6, 7],
  D: [6, 5, 6, 5],
}

const topics = { CFG: 14, IMG: 6, GW: 15, SHD: 9, RWS: 4, CPL: 11, SNI: 5, TGT: 11, OPS: 10 }

const numbered = (prefix: string, last: number, digits: number, first = 1) =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => `${prefix}${String(at + first).padStart(digits, '0')}`)

const sectioned = (prefix: string, counts: readonly number[]) => counts.flatMap((count, at) => numbered(`${prefix}${at + 1}.`, count, 1))

const sorted = (ids: Iterable<string>) => [...ids].toSorted()

test('every entry of the strategy document is here, and every extended one', () => {
  const strategy = Object.entries(families).flatMap(([family, [last]]) => numbered(`${family}-`, last, 3))
  const extended = Object.entries(families).flatMap(([family, [first, last]]) => numbered(`${family}-`, last, 3, first + 1))
  expect(strategy).toHaveLength(61)
  expect(extended).toHaveLength(163)
  expect(sorted(entries.filter((entry) => entry.origin === 'strategy').map((entry) => entry.id))).toEqual(sorted(strategy))
  expect(sorted(entries.filter((entry) => entry.origin === 'extended').map((entry) => entry.id))).toEqual(sorted(extended))
})

test('every completion marker and test marker is here', () => {
  const markers = (['P1', 'P2', 'P3', 'P4'] as const).flatMap((phase) => sectioned(`${phase}.`, sections[phase]))
  expect(markers).toHaveLength(122)
  expect(sorted(spec.markers.keys())).toEqual(sorted(markers))
  expect(sorted(spec.tests.keys())).toEqual(sorted(sectioned('T', sections.T)))
  expect(spec.tests.size).toBe(15)
})

test('every phase item, deliverable and note is here', () => {
  expect(sorted(spec.phaseItems.keys())).toEqual(sorted(sectioned('C', sections.C)))
  expect(spec.phaseItems.size).toBe(27)
  expect(sorted(spec.deliverables.keys())).toEqual(sorted(sectioned('D', sections.D)))
  expect(spec.deliverables.size).toBe(22)
  expect(sorted(spec.notes.keys())).toEqual(sorted(Object.entries(topics).flatMap(([topic, last]) => numbered(`${topic}-`, last, 2))))
  expect(spec.notes.size).toBe(83 + 2)
})

test('thresholds of the strategy document are exact', () => {
  const thresholds = entries.filter((entry) => entry.origin === 'strategy' && entry.budget !== null)
  expect(thresholds.map(({ id, budget }) => `${id} ${budget!.op} ${budget!.value} ${budget!.unit}`)).toEqual([
    'PERF-001 < 50 ms',
    'PERF-002 < 2 ms',
    'PERF-003 > 50000 queries/s',
    'PERF-004 > 95 %',
    'PERF-005 < 1 GB',
    'PERF-006 >= 10000 connections',
    'PERF-007 < 100 ms',
    'PERF-008 < 1 ms',
    'PERF-009 < 5 s',
  ])
})

test('people are still needed where they were, and what does not apply says why', () => {
  const rows = [...spec.markers.values(), ...spec.tests.values(), ...spec.phaseItems.values()]
  expect(rows.filter((row) => row.needsPeople).map((row) => row.id)).toEqual(['P1.2.4', 'P4.1.7', 'T5.2', 'T5.3', 'C4.7'])
  const superseded = [...spec.markers.values()].filter((marker) => marker.superseded !== null)
  expect(superseded.map((marker) => marker.id)).toEqual(['P1.1.2', 'P1.1.4'])
})

test('the evidence for a marker is found with the entries', () => {
  expect(spec.markers.get('P1.4.4')!.evidence.tests).toEqual(['CONN-001', 'CONN-003', 'CONN-004'])
  expect(spec.markers.get('P1.4.4')!.evidence.testsExtended).toEqual(['AUTH-001', 'AUTH-002', 'ERR-001', 'ERR-002'])
})

test('digests of the entries differ', () => {
  expect(new Set(entries.map((entry) => entry.digest)).size).toBe(entries.length)
})

test('tags name every family, priority, need and id once', () => {
  const names = tagsOf(entries).map((tag) => tag.name)
  expect(new Set(names).size).toBe(names.length)
  expect(names).toEqual(expect.arrayContaining(['suite/jwt', 'suite/2pc', 'prio/p0', 'needs/clock-shift', 'id/JWT-001']))
})

test('the generated files are current', () => {
  expect(firstDifference(import.meta.dirname, generate(spec, import.meta.dirname))).toBeNull()
})
