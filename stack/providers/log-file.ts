/** A part's log on disk, read by position, so that what a killed part wrote last is still there. */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import type { LogLine } from '../launch.ts'

/** Bytes written so far. */
export function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

/** Whole and half lines written after a position. */
export function linesSince(file: string, mark: number): readonly LogLine[] {
  const size = sizeOf(file)
  if (size <= mark) return []
  const handle = openSync(file, 'r')
  try {
    const buffer = Buffer.alloc(fstatSync(handle).size - mark)
    readSync(handle, buffer, 0, buffer.length, mark)
    return buffer
      .toString()
      .split('\n')
      .filter((text) => text !== '')
      .map((text) => ({ text }))
  } finally {
    closeSync(handle)
  }
}

/** The last lines, for an error message. */
export function tailOf(file: string, lines: number): string {
  return linesSince(file, Math.max(0, sizeOf(file) - 16_384))
    .slice(-lines)
    .map((line) => line.text)
    .join('\n')
}
