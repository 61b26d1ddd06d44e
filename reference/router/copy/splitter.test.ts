import fc from 'fast-check'
import { expect, test } from 'vitest'
import { binarySplitter } from './binary.ts'
import type { CopyFormat } from './format.ts'
import { lineSplitter, type Splitter } from './splitter.ts'

const text: CopyFormat = { format: 'text', delimiter: '\t', nullText: '\\N', quote: '"', escape: '"', header: false, encoding: null }
const csv: CopyFormat = { ...text, format: 'csv', delimiter: ',', nullText: '' }

/** Values of all rows, however the data was cut; and the bytes are all there. */
function valuesOf(splitter: Splitter, data: Buffer, cuts: readonly number[]): (string | null | undefined)[] {
  const edges = [0, ...cuts.map((cut) => cut % (data.length + 1)).toSorted((a, b) => a - b), data.length]
  const rows = edges.slice(1).flatMap((edge, i) => splitter.push(Buffer.from(data.subarray(edges[i], edge))))
  rows.push(...splitter.end())
  return rows.map(({ value }) => (value ? value.toString('utf8') : value))
}

const escaped = (value: string | null): string =>
  value === null ? '\\N' : value.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
const quoted = (value: string | null): string => (value === null ? '' : `"${value.replaceAll('"', '""')}"`)

const cell = fc.option(fc.string({ unit: fc.constantFrom('a', 'é', '\t', '\n', '\\', '"', ',', "'", ' ', 'N', '.', '\r') }), { nil: null })
const cuts = fc.array(fc.nat(10_000), { maxLength: 8 })

test.each([
  ['text', text, escaped, '\t'],
  ['csv', csv, quoted, ','],
] as const)('rows of COPY in %s format keep their values, wherever the data is cut', (_, format, write, delimiter) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell, cell), { maxLength: 6 }), fc.nat(2), cuts, (rows, place, at) => {
      const data = Buffer.from(rows.map((row) => `${row.map(write).join(delimiter)}\n`).join(''), 'utf8')
      expect(valuesOf(lineSplitter(format, place), data, at)).toEqual(rows.map((row) => row[place]))
    }),
  )
})

test('rows of COPY in binary format keep their values, wherever the data is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { maxLength: 5 }), cuts, (rows, at) => {
      const int = (value: number, bytes: 2 | 4): Buffer => {
        const made = Buffer.alloc(bytes)
        made.writeIntBE(value, 0, bytes)
        return made
      }
      const field = (value: string | null): Buffer[] =>
        value === null ? [int(-1, 4)] : [int(Buffer.byteLength(value), 4), Buffer.from(value)]
      const header = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), int(0, 4), int(0, 4)])
      const data = Buffer.concat([header, ...rows.flatMap((row) => [int(2, 2), ...row.flatMap(field)]), int(-1, 2)])
      const expected = [undefined, ...rows.map((row) => row[1]), undefined]
      expect(valuesOf(binarySplitter(1), data, at)).toEqual(expected)
    }),
  )
})

test('the header belongs to every shard; a row that is too short is malformed', () => {
  const splitter = lineSplitter({ ...csv, header: true }, 1)
  expect(splitter.push(Buffer.from('a,b\n1,2\n')).map(({ value }) => value?.toString())).toEqual([undefined, '2'])
  expect(() => lineSplitter(text, 3).push(Buffer.from('a\tb\n'))).toThrow(expect.objectContaining({ sqlstate: '22P04' }))
})

test('the last row may lack its end, and the old mark of the end is no row', () => {
  const splitter = lineSplitter(text, 0)
  expect(splitter.push(Buffer.from('a\tb\n\\.\nc\td')).map(({ value }) => value?.toString())).toEqual(['a'])
  expect(splitter.end().map(({ value }) => value?.toString())).toEqual(['c'])
})
