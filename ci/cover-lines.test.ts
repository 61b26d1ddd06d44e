import { expect, test } from 'vitest'
import { coverLines } from './cover-lines.ts'

const text = [
  '/** Says. */',
  "import { a } from './a.ts'",
  '',
  'export function one() {',
  '  return a',
  '}',
  'export function two() {',
  '  return 2',
  '}',
  '',
].join('\n')
const range = (piece: string, count: number) => ({ startOffset: text.indexOf(piece), endOffset: text.indexOf(piece) + piece.length, count })
const whole = { startOffset: 0, endOffset: text.length, count: 1 }

test('lines of code count, comments and imports do not; inner ranges overrule outer ones', () => {
  const script = { url: 'x', functions: [{ ranges: [whole] }, { ranges: [range('  return 2', 0)] }] }
  expect(coverLines(text, [script])).toEqual({ total: 4, covered: 3 })
})

test('what any process ran is covered; without processes nothing is', () => {
  const first = { url: 'x', functions: [{ ranges: [whole] }, { ranges: [range('  return 2', 0)] }] }
  const second = { url: 'x', functions: [{ ranges: [whole] }, { ranges: [range('  return a', 0)] }] }
  expect(coverLines(text, [first, second])).toEqual({ total: 4, covered: 4 })
  expect(coverLines(text, [])).toEqual({ total: 4, covered: 0 })
})
