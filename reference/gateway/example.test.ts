import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { parseConfig } from './config-file.ts'
import { configSchema } from './config.ts'
import { pathsIn, pathsOf, readExample, type Document } from './testing/example.ts'

const file = fileURLToPath(new URL('gateway.example.yaml', import.meta.url))
const { text, said, alternatives } = readExample(file)

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
