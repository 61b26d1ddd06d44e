/** Log lines as JSON on standard output, levels by name and times as ISO 8601. */
import { pino } from 'pino'
import type { Level, Write } from './audit.ts'

export interface Log {
  readonly write: Write
  readonly setLevel: (level: Level) => void
}

/** `base` is in each line. Each line is out before the call returns: a record that was made is not lost when the process ends. */
export function makeLog(level: Level, base: object | null = null): Log {
  const output = pino.destination({ fd: 1, sync: true })
  // Whoever read our output went away; the gateway goes on.
  output.on('error', () => {})
  const log = pino({ level, base, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } }, output)
  return { write: (at, record, message) => log[at](record, message), setLevel: (to) => void (log.level = to) }
}
