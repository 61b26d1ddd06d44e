/** Finds the key somebody probably meant. */
import { z } from 'zod'

/** The keys a schema knows at a path. */
export function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const at = path.reduce<z.ZodType | undefined>((found, step) => descend(bare(found), step), schema)
  return keysOf(bare(at))
}

/** Of a union: those of any of its kinds. */
function keysOf(schema: z.ZodType | undefined): string[] {
  if (schema instanceof z.ZodUnion) return [...new Set(schema.options.flatMap((option) => keysOf(bare(option as z.ZodType))))]
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
}

function descend(schema: z.ZodType | undefined, step: PropertyKey): z.ZodType | undefined {
  if (schema instanceof z.ZodArray) return schema.element as z.ZodType
  if (schema instanceof z.ZodRecord) return schema.valueType as z.ZodType
  if (schema instanceof z.ZodUnion)
    return schema.options.map((option) => descend(bare(option as z.ZodType), step)).find((found) => found !== undefined)
  return schema instanceof z.ZodObject ? (schema.shape[String(step)] as z.ZodType | undefined) : undefined
}

/** Without defaults and optionality around it. */
function bare(schema: z.ZodType | undefined): z.ZodType | undefined {
  const wrapped = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault
  return wrapped ? bare(schema.unwrap() as z.ZodType) : schema
}

/** The known word that begins like it, or that fewest changes lead to; null when none is near. */
export function nearest(word: string, known: readonly string[]): string | null {
  const ranked = known.map((candidate) => ({ candidate, changes: distance(word.toLowerCase(), candidate.toLowerCase()) }))
  const begun = known.find((candidate) => word.length > 2 && candidate.toLowerCase().startsWith(word.toLowerCase()))
  if (begun !== undefined) return begun
  const best = ranked.toSorted((a, b) => a.changes - b.changes)[0]
  return best !== undefined && best.changes <= Math.max(2, Math.floor(word.length / 3)) ? best.candidate : null
}

/** Levenshtein's: insertions, deletions and replacements. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (const [i, letter] of a.split('').entries()) {
    const above = row
    row = [i + 1]
    for (let j = 0; j < b.length; j++) {
      row.push(Math.min((above[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1, (above[j] ?? 0) + (b[j] === letter ? 0 : 1)))
    }
  }
  return row.at(-1) ?? 0
}
