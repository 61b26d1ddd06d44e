/** Reads a YAML text by a schema and says what is wrong with it by file, line and key. */
import { isNode, LineCounter, parseDocument, type Document } from 'yaml'
import type { z } from 'zod'
import { ConfigError } from './config-error.ts'
import { knownKeys, nearest } from './nearest-key.ts'

interface Source {
  readonly file: string
  readonly document: Document
  readonly lines: LineCounter
  readonly schema: z.ZodType
}

export interface Objection {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** `findUnsafe`: what is well formed and still must not run. Throws a ConfigError that lists everything wrong, a line each. */
export function parseByLine<S extends z.ZodType>(
  text: string,
  file: string,
  schema: S,
  findUnsafe: (config: z.infer<S>) => readonly Objection[],
): z.infer<S> {
  const lines = new LineCounter()
  const source: Source = { file, document: parseDocument(text, { lineCounter: lines }), lines, schema }
  const [fault] = source.document.errors
  if (fault !== undefined) throw new ConfigError(`${file}:${lines.linePos(fault.pos[0]).line}: ${fault.message.split('\n')[0]}`)
  const parsed = schema.safeParse(source.document.toJS() ?? {})
  const objections = parsed.success ? findUnsafe(parsed.data) : parsed.error.issues.flatMap((issue) => objectionsOf(issue, schema))
  if (!parsed.success || objections.length > 0) throw new ConfigError(objections.map((objection) => tell(objection, source)).join('\n'))
  return parsed.data
}

function objectionsOf(issue: z.core.$ZodIssue, schema: z.ZodType): Objection[] {
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) {
    return [{ path: issue.path, message: `is missing (${issue.expected} expected)` }]
  }
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, message: issue.message }]
  return issue.keys.map((key) => ({ path: [...issue.path, key], message: `this key is not known${suggest(issue.path, key, schema)}` }))
}

function suggest(path: readonly PropertyKey[], key: string, schema: z.ZodType): string {
  const known = knownKeys(schema, path)
  if (known.length === 0) return ''
  const meant = nearest(key, known)
  return meant === null ? `; known here are ${known.join(', ')}` : `; did you mean ${meant}?`
}

/** Values are not repeated: they may be secrets. */
function tell({ path, message }: Objection, source: Source): string {
  const key = path.map(String).join('.')
  return `${source.file}:${lineOf(path, source)}: ${key === '' ? 'file' : key}: ${message}`
}

/** The line of the key itself, or of the nearest thing around it that is there. */
function lineOf(path: readonly PropertyKey[], source: Source): number {
  for (let length = path.length; length > 0; length--) {
    const offset = offsetOf(path.slice(0, length), source.document)
    if (offset !== null) return source.lines.linePos(offset).line
  }
  return 1
}

function offsetOf(path: readonly PropertyKey[], document: Document): number | null {
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
  const pair = pairsOf(parent).find(({ key }) => isNode(key) && String(key) === String(path.at(-1)))
  const node: unknown = pair?.key ?? document.getIn(path, true)
  return isNode(node) && node.range ? node.range[0] : null
}

function pairsOf(node: unknown): readonly { readonly key: unknown }[] {
  const items: unknown = (node as { readonly items?: unknown } | null | undefined)?.items
  return Array.isArray(items)
    ? items.filter((item): item is { key: unknown } => typeof item === 'object' && item !== null && 'key' in item)
    : []
}
