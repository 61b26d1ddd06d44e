import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { parseConfig } from './config-file.ts'
import { configSchema } from './config.ts'

const file = fileURLToPath(new URL('gateway.example.yaml', import.meta.url))
const text = readFileSync(file, 'utf8')
const otherWay = text.replace(/^(?!#\| ).*\n/gm, '').replace(/^#\| /gm, '')

type Document = Readonly<Record<string, unknown>>
const [said, alternatives] = [parse(text) as Document, parse(otherWay) as Document]

/** Every key by its path; one of a list's items is like the other. */
function pathsIn(value: unknown, at = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => pathsIn(item, `${at}[]`))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [`${at}.${key}`, ...pathsIn(inner, `${at}.${key}`)])
}

function pathsOf(schema: z.ZodType, at = ''): string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return pathsOf(schema.unwrap() as z.ZodType, at)
  }
  if (schema instanceof z.ZodArray) return pathsOf(schema.element as z.ZodType, `${at}[]`)
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => pathsOf(option as z.ZodType, at))
  if (schema instanceof z.ZodRecord) return pathsOf(schema.valueType as z.ZodType, `${at}.*`)
  if (!(schema instanceof z.ZodObject)) return []
  return Object.entries(schema.shape).flatMap(([key, inner]) => [`${at}.${key}`, ...pathsOf(inner as z.ZodType, `${at}.${key}`)])
}

/** A branch is an upstream with a name. */
const asUpstream = (path: string) => path.replace('.routing.clusters[].branches[]', '.upstream')
const named = (path: string) => path.replace('.tenants.tenant-big', '.tenants.*')

test('the documented configuration is one that would run', () => {
  expect(parseConfig(text, file).workers).toEqual({ count: 1, balance: 'primary' })
})

test('and so it is said the other way', () => {
  const { upstream: _, claims, tokens, ...rest } = said as { upstream: object; claims: object; tokens: object }
  const { cluster: _c, branch: _b, ...seal } = claims as Document
  const { singleUse: _s, ...demands } = tokens as Document
  const config = { ...rest, claims: seal, ...alternatives, tokens: { ...demands, ...(alternatives['tokens'] as Document) } }
  expect(parseConfig(stringify(config), file).routing?.clusters).toHaveLength(3)
})

test('every key there is stands in it: whoever adds one says here what it is for', () => {
  const shown = new Set([...pathsIn(said), ...pathsIn(alternatives)].map(asUpstream).map(named))
  expect(pathsOf(configSchema).length).toBeGreaterThan(70)
  const missing = pathsOf(configSchema).filter((path) => !shown.has(asUpstream(path)))
  expect(missing).toEqual([])
})

test('what it calls a default is the default', () => {
  const least = parseConfig(
    stringify({
      ...Object.fromEntries(['listen', 'tls', 'upstream', 'roles', 'databases', 'issuers'].map((key) => [key, said[key]])),
      claims: { ...(said['claims'] as Document), branch: undefined, permissionsFrom: undefined },
    }),
    file,
  )
  const shown = parseConfig(text, file)
  expect(shown).toMatchObject({
    health: least.health,
    limits: least.limits,
    sessions: least.sessions,
    workers: least.workers,
    log: least.log,
    revocation: { maxEntries: least.revocation.maxEntries },
    tokens: { leewaySeconds: least.tokens.leewaySeconds, maxBytes: least.tokens.maxBytes, cache: least.tokens.cache },
    claims: { permissionsFrom: least.claims.permissionsFrom },
    access: { proxies: least.access.proxies },
  })
})
