import { expect, test } from 'vitest'
import { coverLines, type FileCoverage } from './cover-lines.ts'

const text = [
  '/** Says. */',
  "import { a } from './a.ts'",
  'export function one() {',
  '  return a',
  '}',
  'export function two() {',
  '  return 2',
  '}',
  '',
].join('\n')
const statements = { '0': { start: { line: 4, column: 2 } }, '1': { start: { line: 7, column: 2 } } }
const byWorker = (first: number, second: number): FileCoverage => ({ path: 'x', statementMap: statements, s: { '0': first, '1': second } })
const range = (piece: string, count: number) => ({ startOffset: text.indexOf(piece), endOffset: text.indexOf(piece) + piece.length, count })
const whole = { startOffset: 0, endOffset: text.length, count: 1 }
const without = (piece: string) => ({ url: 'x', functions: [{ ranges: [whole] }, { ranges: [range(piece, 0)] }] })

test('only lines on which a statement begins count', () => {
  expect(coverLines(text, byWorker(0, 0), [])).toEqual({ total: 2, covered: 0 })
  expect(coverLines(text, byWorker(3, 0), [])).toEqual({ total: 2, covered: 1 })
})

test('a program adds what it ran; inner ranges overrule outer ones', () => {
  expect(coverLines(text, byWorker(0, 0), [without('  return 2')])).toEqual({ total: 2, covered: 1 })
  expect(coverLines(text, byWorker(0, 1), [without('  return 2')])).toEqual({ total: 2, covered: 2 })
})

test('what any of several programs ran is covered', () => {
  expect(coverLines(text, byWorker(0, 0), [without('  return 2'), without('  return a')])).toEqual({ total: 2, covered: 2 })
  expect(coverLines(text, byWorker(0, 0), [without('  return 2'), without('  return 2')])).toEqual({ total: 2, covered: 1 })
})

test('two statements on a line are one line, covered if either ran', () => {
  const file: FileCoverage = {
    path: 'x',
    statementMap: { '0': { start: { line: 4, column: 2 } }, '1': { start: { line: 4, column: 9 } } },
    s: { '0': 1, '1': 0 },
  }
  expect(coverLines(text, file, [])).toEqual({ total: 1, covered: 1 })
})
