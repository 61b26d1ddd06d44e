/** JSON lines for machines that read them: level as text, time as ISO 8601. */
import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino'

export function openLog(level: string, destination?: DestinationStream): Logger {
  const options = { level, base: null, timestamp: stdTimeFunctions.isoTime, formatters: { level: (label: string) => ({ level: label }) } }
  return destination ? pino(options, destination) : pino(options)
}
