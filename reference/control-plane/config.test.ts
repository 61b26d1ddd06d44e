import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { pathsIn, pathsOf, readExample } from '../gateway/testing/example.ts'
import { parseConfig } from './config-file.ts'
import { configSchema } from './config.ts'

const file = fileURLToPath(new URL('control-plane.example.yaml', import.meta.url))
const { text, said, alternatives } = readExample(file)

const named = (path: string) => path.replace('.clusters.default', '.clusters.*').replace('.environment.CLUSTERS', '.environment.*')
/** Keys that are published are for the gateway. */
const elsewhere = (path: string) => path.startsWith('.issuers[].jwks')

test('the documented configuration is one that would run, and so it is said the other way', () => {
  expect(parseConfig(text, file).driver.kind).toBe('exec')
  const other = parseConfig(stringify({ ...said, ...alternatives }), file)
  expect([other.store.kind, other.driver.kind]).toEqual(['postgres', 'kubernetes'])
})

test('the least that the README shows would run, too', () => {
  const readme = readFileSync(fileURLToPath(new URL('README.md', import.meta.url)), 'utf8')
  const [, least = ''] = /```yaml\n([^`]*)```/.exec(readme) ?? []
  expect(parseConfig(least, 'README.md')).toMatchObject({ store: { kind: 'sqlite' }, tokens: { adminPermission: 'clusters:admin' } })
})

test('every key there is stands in it', () => {
  const shown = new Set([...pathsIn(said), ...pathsIn(alternatives)].map(named))
  const known = pathsOf(configSchema).filter((path) => !elsewhere(path))
  expect(known.length).toBeGreaterThan(60)
  expect(known.filter((path) => !shown.has(path))).toEqual([])
})

test('what it calls a default is the default', () => {
  const shown = parseConfig(text, file)
  const least = parseConfig(
    stringify({ listen: said['listen'], store: { kind: 'sqlite', path: 'x' }, driver: said['driver'], issuers: said['issuers'] }),
    file,
  )
  const { maxLifetimeSeconds: _, ...tokens } = shown.tokens
  expect(least).toMatchObject({
    times: shown.times,
    limits: shown.limits,
    tokens,
    log: shown.log,
    page: shown.page,
    audit: { sync: shown.audit.sync },
  })
})

test.each([
  ['listn: 1', ':1: listn: this key is not known; did you mean listen?'],
  ['times: { wakeMS: 5000 }', 'did you mean wakeMs?'],
  ['driver: { kind: exec, clusters: { default: { servers: [], commands: {} } } }', 'driver.clusters.default.servers'],
  ['driver: { kind: exec, clusters: { default: { server: [] } } }', 'did you mean servers?'],
  ['listen: { host: 0.0.0.0, port: 1 }', 'tokens would travel in the clear'],
  ['tokens: { requiredClaims: [sub] }', 'exp must be required'],
  ["issuers: [{ issuer: i, audience: a, jwks: { url: 'https://x.example' } }]", 'give it the keys as files'],
  ['store: { kind: mysql }', 'store.kind'],
])('%s is refused by line and key', (wrong, words) => {
  const rest = ['listen', 'store', 'driver', 'issuers']
    .filter((key) => !wrong.startsWith(key))
    .map((key) => stringify({ [key]: said[key] }))
  expect(() => parseConfig([wrong, ...rest].join('\n'), 'plane.yaml')).toThrow(words)
})
