/** Reads the configuration file; whatever is wrong with it is said with file, line and, for a misspelt key, the one that was meant. */
import { readFileSync } from 'node:fs'
import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document } from 'yaml'
import { z } from 'zod'
import { configSchema, isRouted, type DatabaseConfig, type RouterConfig } from './config.ts'
import { poolOf, type PoolConfig } from './config-pool.ts'

/** The message is all there is to say. */
export class ConfigError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'ConfigError'
  }
}

/** Throws a ConfigError. */
export function readConfig(file: string): RouterConfig {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new ConfigError(`${file}: cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`, error)
  }
  return parseConfig(text, file)
}

export function parseConfig(text: string, file: string): RouterConfig {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [broken] = document.errors
  if (broken) throw new ConfigError(`${file}:${lines.linePos(broken.pos[0]).line}: ${broken.message}`, broken)
  const parsed = configSchema.safeParse(document.toJS())
  if (parsed.success) return checkNames(parsed.data, file)
  throw new ConfigError(parsed.error.issues.flatMap((issue) => explain(issue, document, lines, file)).join('\n'), parsed.error)
}

type Path = readonly PropertyKey[]

function explain(issue: z.core.$ZodIssue, document: Document, lines: LineCounter, file: string): string[] {
  if (issue.code !== 'unrecognized_keys') return [`${file}:${lineOf(document, lines, issue.path)}: ${nameOf(issue.path)}: ${issue.message}`]
  return issue.keys.map((key) => {
    const meant = nearest(key, keysAt(configSchema, issue.path))
    return `${file}:${lineOf(document, lines, [...issue.path, key])}: ${nameOf([...issue.path, key])}: unknown key${meant ? `; did you mean ${meant}?` : ''}`
  })
}

const nameOf = (path: Path): string => (path.length === 0 ? 'the file' : path.map(String).join('.'))

/** The line of the key, or of the nearest thing around it that exists. */
function lineOf(document: Document, lines: LineCounter, path: Path): number {
  const parent = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents
  const key = isMap(parent)
    ? parent.items.find((pair) => isScalar(pair.key) && pair.key.value === path.at(-1))?.key
    : document.getIn(path, true)
  if (isNode(key) && key.range) return lines.linePos(key.range[0]).line
  return path.length === 0 ? 1 : lineOf(document, lines, path.slice(0, -1))
}

/** The keys the schema knows at a place. */
function keysAt(schema: z.core.$ZodType, path: Path): string[] {
  const inner =
    schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault || schema instanceof z.ZodOptional ? schema.unwrap() : schema
  const [step, ...rest] = path
  if (inner instanceof z.ZodArray) return keysAt(inner.element, rest)
  if (!(inner instanceof z.ZodObject)) return []
  const next: z.core.$ZodType | undefined = step === undefined ? undefined : inner.shape[String(step)]
  return step === undefined ? Object.keys(inner.shape) : next ? keysAt(next, rest) : []
}

function nearest(key: string, known: readonly string[]): string | null {
  const ranked = known
    .map((name) => ({ name, distance: editDistance(key.toLowerCase(), name.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance)
  const [best] = ranked
  return best && best.distance <= Math.max(2, key.length / 2) ? best.name : null
}

/** Letters to insert, delete or change to make one of the other. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

function checkNames(config: RouterConfig, file: string): RouterConfig {
  for (const key of ['users', 'databases'] as const) {
    const names = config[key].map(({ name }) => name)
    const twice = names.find((name, i) => names.indexOf(name) !== i)
    if (twice !== undefined) throw new ConfigError(`${file}: ${key}: ${twice} stands there twice`)
  }
  for (const [i, one] of config.users.entries())
    checkPool(poolOf(config.pool, one), config, `${file}: ${one.pool ? `users.${i}.pool` : 'pool'}`)
  for (const [i, database] of config.databases.entries()) checkSharding(database, config, `${file}: databases.${i}.sharding`)
  return config
}

function checkPool({ mode, size, minSize }: PoolConfig, { databases }: RouterConfig, place: string): void {
  if (minSize > size) throw new ConfigError(`${place}.minSize: ${minSize} are more than there may be (size: ${size})`)
  const routed = databases.find(isRouted)
  if (mode !== 'transaction' && routed)
    throw new ConfigError(`${place}.mode: ${mode} is for databases of one server, and ${routed.name} has several: use transaction`)
}

function checkSharding({ sharding }: DatabaseConfig, { twoPhase }: RouterConfig, place: string): void {
  const names = [...sharding.tables.map(({ name }) => name), ...sharding.reference]
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined)
    throw new ConfigError(`${place}: ${twice} stands there twice: a table is sharded in one way, or the same everywhere`)
  if (sharding.twoPhaseCommit && !twoPhase)
    throw new ConfigError(`${place}.twoPhaseCommit: needs twoPhase.dir, a folder for the log of decisions`)
}
