/** The building blocks of the schemas: closed objects, words from a list, ids, with messages that say what to do. */
import { z } from 'zod'
import { hint } from './nearest.ts'

/** An object that refuses keys it does not know, one message (line) for each of them. */
export function closed<S extends z.ZodRawShape>(shape: S) {
  const known = Object.keys(shape)
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => `unknown key "${key}": ${hint(key, known)}`).join('\n') : undefined,
  })
}

/** One of a list of words. */
export function oneOf<const W extends readonly [string, ...string[]]>(what: string, words: W) {
  return z.enum(words, {
    error: (issue) =>
      issue.input === undefined
        ? `there is no ${what}: add one of ${words.join(', ')}`
        : `${what} ${JSON.stringify(issue.input)} is not known: ${hint(JSON.stringify(issue.input).replaceAll('"', ''), words)}`,
  })
}

export const words = z.string().min(1, 'is empty: write it out')

export const id = matching(/^[0-9A-Z]+-\d{3}$/, 'an entry id such as JWT-001')
export const markerId = matching(/^[PT]\d(\.\d+){1,2}$/, 'a marker id such as P1.4.2 or T1.1')
export const noteId = matching(/^[A-Z]+-\d{2}$/, 'a note id such as GW-14')
export const clauseKey = matching(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'a clause name in kebab-case')

export const idList = <T extends z.ZodType>(item: T) => z.array(item).default([])

export function matching(pattern: RegExp, what: string) {
  return z.string().regex(pattern, { error: (issue) => `${JSON.stringify(issue.input)} is not ${what}` })
}
