import { expect, test } from 'vitest'
import { loadSpec } from '../spec/load.ts'
import type { Verdict } from '../spec/verdict.ts'
import { checklistMarkdown } from './checklist-markdown.ts'
import { answerChecklist, stateText } from './checklist.ts'
import { rowsOf, type Row } from './rows.ts'

const spec = loadSpec()
const nothing = rowsOf(spec, [])

/** Every row with a verdict of its own choosing. */
function withVerdicts(choose: (row: Row) => { verdict: Verdict; pooler: Row['pooler'] } | null): readonly Row[] {
  return nothing.map((row) => ({ ...row, ...choose(row) }))
}

const stateOf = (rows: readonly Row[], id: string) => answerChecklist(spec, rows).find((answer) => answer.id === id)!

test('without evidence nothing is proved, and every marker has an answer', () => {
  const answers = answerChecklist(spec, nothing)
  expect(answers).toHaveLength(122 + 15 + 27 + 22)
  expect(answers.filter((answer) => answer.state === 'proved')).toEqual([])
})

test('T1.1 is proved when JWT-001 to JWT-010 are, and refuted when one is', () => {
  const jwt = (verdictOf1: Verdict) =>
    withVerdicts((row) =>
      /^JWT-0(0\d|10)$/.test(row.entry.id) ? { verdict: row.entry.id === 'JWT-001' ? verdictOf1 : 'proved', pooler: 'pgdog' } : null,
    )
  expect(stateOf(jwt('proved'), 'T1.1').state).toBe('proved')
  expect(stateOf(jwt('refuted'), 'T1.1').state).toBe('refuted')
  expect(stateOf(jwt('unknown'), 'T1.1').state).toBe('unknown')
})

test('what runs through the pooler is not complete on evidence from the router', () => {
  const conn = (pooler: Row['pooler']) =>
    withVerdicts((row) => (/^CONN-0(0\d|10)$/.test(row.entry.id) ? { verdict: 'proved', pooler } : null))
  const onRouter = stateOf(conn('router'), 'T2.1')
  expect(onRouter.state).toBe('missing')
  expect(stateText(onRouter)).toBe('missing (proved on the router only)')
  expect(onRouter.why).toContain('CONN-001 proved on the router only')
  expect(stateOf(conn('pgdog'), 'T2.1')).toMatchObject({ state: 'proved', remark: null, why: '' })
})

test('a superseded marker says by what and why, and is never dropped', () => {
  expect(stateOf(nothing, 'P1.1.2')).toMatchObject({ state: 'superseded', why: expect.stringContaining('npm scripts') })
})

test('what people must do is never passed by a program', () => {
  const all = withVerdicts(() => ({ verdict: 'proved', pooler: 'pgdog' }))
  const answers = answerChecklist(spec, all).filter((answer) => answer.state === 'needs people')
  expect(answers.length).toBeGreaterThan(0)
  expect(
    answerChecklist(spec, all).filter(
      (answer) => answer.kind === 'marker' && answer.state === 'proved' && spec.markers.get(answer.id)?.needsPeople,
    ),
  ).toEqual([])
})

test('a marker tells how much of it is proved, and what is lacking', () => {
  const rows = withVerdicts((row) => (row.entry.id === 'JWT-001' ? { verdict: 'proved', pooler: 'router' } : null))
  expect(stateOf(rows, 'T1.1')).toMatchObject({
    state: 'missing',
    remark: '1 of 10 proved',
    why: expect.stringContaining('JWT-002 missing'),
  })
})

test('unknown outweighs missing, and missing outweighs unsupported', () => {
  const rows = (verdict: Verdict) => withVerdicts((row) => (row.entry.id === 'JWT-001' ? { verdict, pooler: 'pgdog' } : null))
  expect(stateOf(rows('unknown'), 'T1.1').state).toBe('unknown')
  expect(stateOf(rows('unsupported'), 'T1.1').state).toBe('missing')
})

test('a marker for which there is only stale evidence says what changed', () => {
  const stale = { changed: ['the kit'], run: 'a', at: '2026-01-01T00:00:00.000Z' }
  const rows = nothing.map((row) => (row.entry.id === 'JWT-001' ? { ...row, stale } : row))
  expect(stateOf(rows, 'T1.1').why).toContain('JWT-001 stale (since then the kit changed)')
})

test('an item is complete when its markers are, and only then', () => {
  const answers = answerChecklist(spec, nothing)
  for (const item of [...spec.phaseItems.values(), ...spec.deliverables.values()]) {
    const parts = answers.filter((one) => item.provedBy.includes(one.id) && one.state !== 'superseded')
    expect(answers.find((one) => one.id === item.id)?.state === 'proved').toBe(parts.every((one) => one.state === 'proved'))
  }
  expect(stateOf(nothing, 'C4.7').state).toBe('needs people')
})

test('the Markdown has a row for each answer, and no cell ends early', () => {
  const text = checklistMarkdown(answerChecklist(spec, nothing), { title: 'all', now: Date.parse('2026-01-01') })
  const rows = text.split('\n').filter((line) => /^\| [PTCD]\d/.test(line))
  expect(rows).toHaveLength(186)
  expect(rows.filter((line) => line.split(/(?<!\\)\|/).length !== 7)).toEqual([])
})
