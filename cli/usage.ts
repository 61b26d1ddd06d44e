/** Mistakes of the caller: one clear sentence each, exit code 64. */
import { nearest } from '../spec/nearest.ts'

export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UsageError'
  }
}

/** Refuses a name that is not known, offering the nearest. */
export function mustKnow(what: string, name: string, known: readonly string[]): void {
  if (known.includes(name)) return
  const near = nearest(name, known)
  const offer = near === null ? `known are: ${known.slice(0, 12).join(', ')}${known.length > 12 ? ' …' : ''}` : `did you mean ${near}?`
  throw new UsageError(`there is no ${what} "${name}": ${offer}`)
}

/** A number within bounds, fractions allowed. */
export function readNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= least && value <= most))
    throw new UsageError(`${name} ${text}: a number from ${least} to ${most} is wanted`)
  return value
}
