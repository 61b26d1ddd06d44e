import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadSpec } from '../spec/load.ts'
import type { Verdict } from '../spec/verdict.ts'
import { answerChecklist, checklistMarkdown } from './checklist.ts'
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
  expect(onRouter.why).toContain('on the router only')
  expect(stateOf(conn('pgdog'), 'T2.1').state).not.toBe('refuted')
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

test('the Markdown has a row for each answer', () => {
  const dir = mkdtempSync(join(tmpdir(), 'orochi-checklist-'))
  const text = checklistMarkdown(answerChecklist(spec, nothing))
  expect(text.split('\n').filter((line) => /^\| [PTCD]\d/.test(line))).toHaveLength(186)
  rmSync(dir, { recursive: true })
})
