/** Judges a pgdog.toml that somebody wrote: each key that PgDog does not have, with the real one beside it. */
import { readFileSync } from 'node:fs'
import { parse as parseToml, TomlError } from 'smol-toml'
import { parse as parseYaml } from 'yaml'
import { nearest } from '../../spec/nearest.ts'
import { HarnessError } from '../harness-error.ts'

/** One key that PgDog refuses or does not know. */
export interface Objection {
  /** As written: `query_routing.max_replica_lag`. */
  readonly key: string
  /** From 1; null if the text does not show where. */
  readonly line: number | null
  /** What PgDog has in its place; null if nothing. */
  readonly real: string | null
  readonly why: string
}

interface PromisedKey {
  readonly key: string
  readonly real: string | null
  readonly exists: boolean
}

const known = parseYaml(readFileSync(new URL('./pgdog-keys.yaml', import.meta.url), 'utf8')) as {
  readonly version: string
  readonly pgdog: Readonly<Record<string, readonly string[]>>
}
const promised = (
  parseYaml(readFileSync(new URL('../../spec/interfaces.yaml', import.meta.url), 'utf8')) as { pgdog_config: { keys: PromisedKey[] } }
).pgdog_config.keys

/** `{{.ClusterName}}` and its like; a variable without a value is an error that names it. */
export function fillTemplate(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{\{-?\s*\.(\w+)\s*-?\}\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new HarnessError('bad-topology', `the template names {{.${name}}}: give it by --set ${name}=…`)
    return value
  })
}

/** What is wrong with the keys of a file; an empty list if PgDog knows them all. Throws `bad-topology` on text that is no TOML. */
export function judgeToml(text: string): readonly Objection[] {
  const keys = keysOf(read(text), '')
  return [...new Set(keys)].flatMap((key) => (isKnown(key) ? [] : [objectionTo(key, text)]))
}

function read(text: string): Record<string, unknown> {
  try {
    return parseToml(text)
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    throw new HarnessError('bad-topology', `line ${error.line}, column ${error.column}: ${error.message.split('\n')[0]}`, { cause: error })
  }
}

/** Paths of all values; a table that is given several times counts once. */
function keysOf(table: Record<string, unknown>, prefix: string): string[] {
  return Object.entries(table).flatMap(([name, value]) => {
    const path = `${prefix}${name}`
    const rows = Array.isArray(value) ? value : [value]
    if (!rows.every(isTable) || rows.length === 0) return [path]
    const below = rows.flatMap((row) => keysOf(row, `${path}.`))
    return below.length === 0 ? [path] : below
  })
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

/** Lists inside a table (mappings, centroids) have a shape of their own: their table's key is what counts. */
function isKnown(path: string): boolean {
  const [table = '', key = ''] = path.split('.')
  return known.pgdog[table]?.includes(key) ?? false
}

function objectionTo(path: string, text: string): Objection {
  const promise = promised.find(({ key, exists }) => !exists && key.replace(/ \(.*\)$/, '') === path)
  const line = lineOf(path, text)
  if (promise !== undefined) return { key: path, line, real: promise.real, why: `PgDog ${known.version} has no such key` }
  return { key: path, line, real: nearKey(path), why: `PgDog ${known.version} has no such key` }
}

function nearKey(path: string): string | null {
  const all = Object.entries(known.pgdog).flatMap(([table, keys]) => keys.map((key) => `${table}.${key}`))
  return nearest(path, all)
}

/** The last part of the path, looked for below the header of its table. */
function lineOf(path: string, text: string): number | null {
  const parts = path.split('.')
  const [key = '', table] = [parts.at(-1), parts.slice(0, -1).join('.')]
  let here = ''
  for (const [index, line] of text.split('\n').entries()) {
    const header = /^\s*\[{1,2}\s*([^\]]+?)\s*\]{1,2}/.exec(line)?.[1]
    if (header !== undefined) here = header.replaceAll(/["'\s]/g, '')
    const own = /^\s*([\w."'-]+)\s*=/.exec(line)?.[1]?.replaceAll(/["']/g, '')
    if (
      own !== undefined &&
      (here === table
        ? own === key || own.startsWith(`${key}.`)
        : `${here}.${own}` === path || (here !== '' && path.startsWith(`${here}.${own}.`)))
    )
      return index + 1
  }
  return null
}
