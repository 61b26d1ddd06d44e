import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { linesSince, sizeOf, tailOf } from './log-file.ts'

test('what was written after a mark is read, line by line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'orochi-log-'))
  try {
    const file = join(folder, 'log')
    expect([sizeOf(file), linesSince(file, 0), tailOf(file, 5)]).toEqual([0, [], ''])
    appendFileSync(file, 'one\ntwö\n')
    const mark = sizeOf(file)
    appendFileSync(file, 'three\n\nhalf')
    expect(linesSince(file, mark)).toEqual([{ text: 'three' }, { text: 'half' }])
    expect(linesSince(file, 0).map(({ text }) => text)).toEqual(['one', 'twö', 'three', 'half'])
    expect(tailOf(file, 2)).toBe('three\nhalf')
    expect(linesSince(file, 10_000)).toEqual([])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
