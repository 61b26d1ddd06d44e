/** A fact about a machine that may not be there to read: the value, or null and the reason. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export type Fact<T> = { readonly value: T } | { readonly value: null; readonly why: string }

/** How facts are read; a test puts another machine in its place. */
export interface Source {
  readonly platform: NodeJS.Platform
  /** Throws where there is no such file. */
  read(path: string): string
  /** Standard output of a command; throws where it is missing or fails. */
  ask(command: string, words: readonly string[]): string
}

export const thisMachine: Source = {
  platform: process.platform,
  read: (path) => readFileSync(path, 'utf8'),
  ask: (command, words) => execFileSync(command, words, { encoding: 'utf8', timeout: 5_000, stdio: ['ignore', 'pipe', 'ignore'] }),
}

/** What `look` finds; null with the reason where it throws or finds nothing that makes sense. */
export function factOf<T>(what: string, look: () => T | undefined): Fact<T> {
  try {
    const value = look()
    const senseless = value === undefined || (typeof value === 'number' && Number.isNaN(value)) || value === ''
    return senseless ? { value: null, why: `${what} is not told here` } : { value }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    return { value: null, why: `${what} cannot be read here${code === undefined ? '' : ` (${code})`}` }
  }
}

/** A fact that only Linux has. */
export function linuxFact<T>(source: Source, what: string, look: () => T | undefined): Fact<T> {
  if (source.platform !== 'linux') return { value: null, why: `${what} is only told by Linux, this is ${source.platform}` }
  return factOf(what, look)
}
