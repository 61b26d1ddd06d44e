/** Reads and writes `--topology`: `shards=2,pooler.poolSize=10`, JSON, or a YAML file of the same shape. */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import type { TopologyWish } from '../stack/topology.ts'
import { nearest } from '../spec/nearest.ts'
import { UsageError } from './usage.ts'

const count = z.int().min(0)
const schema = z.strictObject({
  shards: count.optional(),
  servers: count.optional(),
  replicas: count.optional(),
  postgres: z
    .strictObject({
      version: z.literal([14, 15, 16, 17, 18]).optional(),
      settings: z.record(z.string(), z.string()).optional(),
      synchronous: count.optional(),
      diskMb: count.nullable().optional(),
    })
    .optional(),
  sharding: z
    .strictObject({
      hash: z.enum(['orochi', 'own']).optional(),
      tables: z
        .array(z.strictObject({ name: z.string(), column: z.string(), type: z.enum(['int2', 'int4', 'int8', 'text', 'uuid']) }))
        .optional(),
      reference: z.array(z.string()).optional(),
      splitInserts: z.boolean().optional(),
      keyFrom: z.enum(['statement', 'token']).optional(),
      twoPhaseCommit: z.boolean().optional(),
    })
    .optional(),
  split: z
    .strictObject({ reads: z.enum(['any', 'replicas']).optional(), maxLagMs: count.nullable().optional(), sticky: z.boolean().optional() })
    .optional(),
  pooler: z
    .strictObject({
      kind: z.enum(['pgdog', 'router']).optional(),
      instances: count.optional(),
      mode: z.enum(['transaction', 'session', 'statement']).optional(),
      poolSize: count.optional(),
      minPoolSize: count.optional(),
      idleTimeoutMs: count.optional(),
      connectTimeoutMs: count.optional(),
      waitTimeoutMs: count.optional(),
      answerTimeoutMs: count.optional(),
      roles: z.enum(['told', 'found']).optional(),
      settings: z.record(z.string(), z.unknown()).optional(),
    })
    .nullable()
    .optional(),
  gateway: z
    .strictObject({
      instances: count.optional(),
      cacheEntries: count.optional(),
      cacheTtlSeconds: count.optional(),
      leewaySeconds: count.optional(),
      requiredClaims: z.array(z.string()).optional(),
      settings: z.record(z.string(), z.unknown()).optional(),
      foreign: z.record(z.string(), z.unknown()).optional(),
    })
    .nullable()
    .optional(),
  links: z.enum(['recorded', 'direct']).optional(),
})

const names = [
  'shards',
  'servers',
  'replicas',
  'links',
  'postgres.version',
  'postgres.synchronous',
  'postgres.diskMb',
  'sharding.hash',
  'sharding.keyFrom',
  'sharding.splitInserts',
  'sharding.twoPhaseCommit',
  'split.reads',
  'split.maxLagMs',
  'split.sticky',
  'pooler.kind',
  'pooler.instances',
  'pooler.mode',
  'pooler.poolSize',
  'pooler.minPoolSize',
  'pooler.idleTimeoutMs',
  'pooler.connectTimeoutMs',
  'pooler.waitTimeoutMs',
  'pooler.answerTimeoutMs',
  'pooler.roles',
  'gateway.instances',
  'gateway.cacheEntries',
  'gateway.cacheTtlSeconds',
  'gateway.leewaySeconds',
]

export function readTopology(option: string | undefined): TopologyWish {
  if (option === undefined) return {}
  const read = schema.safeParse(rawWish(option))
  if (read.success) return read.data as TopologyWish
  throw new UsageError(`--topology: ${complaintOf(read.error.issues[0]!)}`)
}

function complaintOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'unrecognized_keys') return `${issue.path.join('.')}: ${issue.message}`
  const unknown = [...issue.path, issue.keys[0]].join('.')
  const near = nearest(unknown, names)
  return `there is no setting "${unknown}": ${near === null ? `known are ${names.join(', ')}` : `did you mean ${near}?`}`
}

function rawWish(option: string): unknown {
  if (/\.ya?ml$/.test(option)) return fromFile(option)
  return option.startsWith('{') ? fromJson(option) : fromPairs(option)
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UsageError(`--topology: ${text} is no JSON: ${(error as Error).message}`)
  }
}

function fromFile(path: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8')) ?? {}
  } catch (error) {
    throw new UsageError(`--topology: ${path} cannot be read: ${(error as Error).message.split('\n')[0]}`)
  }
}

function fromPairs(text: string): unknown {
  const wish: Record<string, unknown> = {}
  for (const pair of text.split(',')) {
    const [name = '', value] = pair.split('=').map((part) => part.trim())
    if (value === undefined) throw new UsageError(`--topology: "${pair}" is no setting: write it like shards=2,pooler.poolSize=10`)
    place(wish, name.split('.'), valueOf(value))
  }
  return wish
}

function valueOf(text: string): unknown {
  if (text === 'null' || text === 'none') return null
  if (text === 'true' || text === 'false') return text === 'true'
  return /^\d+$/.test(text) ? Number(text) : text
}

function place(into: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first = '', ...rest] = path
  if (rest.length === 0) into[first] = value
  else place((into[first] ??= {}) as Record<string, unknown>, rest, value)
}

/** The option that reads back as this wish: pairs where they say it all, else JSON. */
export function writeTopology(wish: TopologyWish): string {
  const pairs = pairsOf(wish)
  return pairs.length > 0 && pairs.every(({ name, value }) => /^[\w.]+$/.test(name) && isPlain(value))
    ? pairs.map(({ name, value }) => `${name}=${String(value)}`).join(',')
    : JSON.stringify(wish)
}

interface Pair {
  readonly name: string
  readonly value: unknown
}

function pairsOf(wish: object, prefix = ''): readonly Pair[] {
  return Object.entries(wish).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
      ? pairsOf(value as object, `${prefix}${name}.`)
      : [{ name: `${prefix}${name}`, value: value as unknown }],
  )
}

/** Whether a value survives being written without quotes. */
function isPlain(value: unknown): boolean {
  if (value === null) return true
  if (typeof value === 'number') return /^\d+$/.test(String(value))
  return typeof value === 'string' && /^[a-z]\w*$/i.test(value) && value !== 'null' && value !== 'none'
}
