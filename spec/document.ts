/** Reads one YAML file of the specification against a schema and knows the line of everything in it. */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { isMap, isNode, isPair, isScalar, LineCounter, parseDocument, type Document as YamlDocument } from 'yaml'
import type { z } from 'zod'
import type { Problem } from './spec-error.ts'

type Path = readonly PropertyKey[]

export interface Checked<T> {
  /** Relative to the folder that holds the specification's folder: `spec/families/jwt.yaml`. */
  readonly file: string
  /** Null if the file could not be read as what it should be; then there are problems. */
  readonly value: T | null
  readonly problems: readonly Problem[]
  /** Line of the thing at a path, or of the nearest thing around it. */
  readonly lineOf: (path: Path) => number
}

/** Reads `dir`/`name`; never throws for what is in the file. */
export function readDocument<T>(dir: string, name: string, schema: z.ZodType<T>): Checked<T> {
  const file = join(basename(dir), name)
  return checkDocument(file, readFileSync(join(dir, name), 'utf8'), schema)
}

/** Stands for a file that is not there and need not be. */
export function emptyDocument<T>(dir: string, name: string): Checked<T> {
  return { file: join(basename(dir), name), value: null, problems: [], lineOf: () => 1 }
}

export function checkDocument<T>(file: string, text: string, schema: z.ZodType<T>): Checked<T> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false })
  const lineAt = (offset: number) => Math.max(1, lines.linePos(offset).line)
  const lineOf = (path: Path) => lineAt(offsetOf(document, path))
  if (document.errors.length > 0) {
    const [error] = document.errors // those that follow are mostly its consequences
    const problem = { file, line: lineAt(error!.pos[0]), text: `not readable as YAML: ${error!.message}` }
    return { file, value: null, problems: [problem], lineOf }
  }
  const result = schema.safeParse(document.toJS() ?? {}, { reportInput: true })
  if (result.success) return { file, value: result.data, problems: [], lineOf }
  const problems = result.error.issues.flatMap((issue) => problemsOf(file, issue, lineOf))
  return { file, value: null, problems, lineOf }
}

function problemsOf(file: string, issue: z.core.$ZodIssue, lineOf: (path: Path) => number): Problem[] {
  const where = issue.path.length === 0 ? 'the file' : placeOf(issue.path)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key, at) => ({ file, line: lineOf([...issue.path, key]), text: issue.message.split('\n')[at] ?? issue.message }))
  }
  return [{ file, line: lineOf(issue.path), text: textOf(issue, where) }]
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  array: 'a list',
  object: 'named values',
  record: 'named values',
  boolean: 'true or false',
}

function textOf(issue: z.core.$ZodIssue, where: string): string {
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message
  if (issue.code !== 'invalid_type') return `${where}: ${issue.message}`
  if (issue.input === undefined) return `${where} is missing: add it`
  return `${where} must be ${typeNames[issue.expected] ?? `a ${issue.expected}`}, not ${JSON.stringify(issue.input)}`
}

/** `entries[3].budget.op` → the last named part, with what it is in. */
function placeOf(path: Path): string {
  const names = path.filter((step) => typeof step === 'string')
  return names.length > 1 ? `"${names.at(-1)}" in "${names.at(-2)}"` : `"${names.at(-1) ?? String(path.at(-1))}"`
}

/** Offset of the deepest thing on the path that exists; of a key, if the path ends in one. */
function offsetOf(document: YamlDocument, path: Path): number {
  for (let depth = path.length; depth > 0; depth--) {
    const found = startOf(document, path.slice(0, depth))
    if (found !== null) return found
  }
  return 0
}

function startOf(document: YamlDocument, path: Path): number | null {
  const around = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
  const last = path.at(-1)
  if (isMap(around)) {
    const pair = around.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === last)
    return pair !== undefined && isNode(pair.key) ? (pair.key.range?.[0] ?? null) : null
  }
  const node = document.getIn(path, true)
  return isNode(node) ? (node.range?.[0] ?? null) : null
}
