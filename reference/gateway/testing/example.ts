/** An example configuration, and the paths of all keys that it shows or that a schema knows: the two are compared. */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'

export type Document = Readonly<Record<string, unknown>>

export interface Example {
  readonly text: string
  readonly said: Document
  /** What stands behind `#| `: what can be said in place of it. */
  readonly alternatives: Document
}

export function readExample(file: string): Example {
  const text = readFileSync(file, 'utf8')
  const otherWay = text.replace(/^(?!#\| ).*\n/gm, '').replace(/^#\| /gm, '')
  return { text, said: parse(text) as Document, alternatives: parse(otherWay) as Document }
}

/** Every key by its path; one of a list's items is like the other. */
export function pathsIn(value: unknown, at = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => pathsIn(item, `${at}[]`))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [`${at}.${key}`, ...pathsIn(inner, `${at}.${key}`)])
}

/** `*` stands for names that are the user's own. */
export function pathsOf(schema: z.ZodType, at = ''): string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return pathsOf(schema.unwrap() as z.ZodType, at)
  if (schema instanceof z.ZodArray) return pathsOf(schema.element as z.ZodType, `${at}[]`)
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => pathsOf(option as z.ZodType, at))
  if (schema instanceof z.ZodRecord) return pathsOf(schema.valueType as z.ZodType, `${at}.*`)
  if (!(schema instanceof z.ZodObject)) return []
  return Object.entries(schema.shape).flatMap(([key, inner]) => [`${at}.${key}`, ...pathsOf(inner as z.ZodType, `${at}.${key}`)])
}
