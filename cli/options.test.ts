import { execFileSync } from 'node:child_process'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TopologyWish } from '../stack/topology.ts'
import { makePlan } from './plan.ts'
import { specification } from './project.ts'
import { commandOf, readSuiteOptions, type RawOptions } from './suite-options.ts'
import { refuseSwallowed } from './swallowed.ts'
import { readTopology, writeTopology } from './topology-option.ts'

const wishes: fc.Arbitrary<TopologyWish> = fc.record(
  {
    shards: fc.nat(8),
    replicas: fc.nat(2),
    links: fc.constantFrom('recorded' as const, 'direct' as const),
    postgres: fc.record({ settings: fc.dictionary(fc.constantFrom('work_mem', 'a.b'), fc.constantFrom('4MB', '8', 'x,y', "o'clock")) }),
    pooler: fc.oneof(
      fc.constant(null),
      fc.record({ poolSize: fc.nat(9), settings: fc.dictionary(fc.constantFrom('idle_timeout', 'mode'), fc.jsonValue({ maxDepth: 1 })) }),
    ),
    gateway: fc.record({ requiredClaims: fc.array(fc.constantFrom('exp', 'sub')), cacheEntries: fc.nat(50) }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
)

test('a topology survives being written as an option and read back', () => {
  fc.assert(
    fc.property(wishes, (wish) => {
      expect(readTopology(writeTopology(wish))).toEqual(JSON.parse(JSON.stringify(wish)))
    }),
  )
})

test('what a person can type is written in pairs', () => {
  expect(writeTopology({ shards: 2, pooler: { poolSize: 10 }, gateway: null })).toBe('shards=2,pooler.poolSize=10,gateway=null')
  expect(readTopology('pooler=none')).toEqual({ pooler: null })
})

/** The words of a command line, as the shell splits them. */
const split = (command: string) =>
  execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1)

function readCommand(command: string) {
  const words = split(command)
  const at = words.indexOf('--')
  const raw: Record<string, string | string[]> = {}
  for (let i = at + 1; i < words.length; i += 2) {
    const [name, value] = [words[i]!.slice(2), words[i + 1]!]
    raw[name] = ['id', 'part'].includes(name) ? [...((raw[name] as string[] | undefined) ?? []), value] : value
  }
  return readSuiteOptions(words.slice(3, at), raw as RawOptions)
}

test.each<[string[], RawOptions]>([
  [[], {}],
  [['jwt', 'conn'], { priority: 'p0', profile: 'gate', gate: 'p0', repeat: '3' }],
  [[], { id: ['JWT-001', 'JWT-002'], tags: 'suite/jwt and not (prio/p1)', topology: 'shards=2,pooler.poolSize=1' }],
  [[], { topology: '{"postgres":{"settings":{"application_name":"it\'s, me"}}}', seed: 'of mine' }],
  [[], { liar: 'gateway-forgets-expiry', provider: 'docker' }],
])('the command of %j %j repeats it', (families, raw) => {
  const options = readSuiteOptions(families, { pooler: 'router', ...raw })
  const again = readCommand(commandOf(options))
  expect({ ...again, liar: null }).toEqual({ ...options, liar: null })
})

test('a part may stand anywhere; a liar in the router’s place rules out PgDog', () => {
  expect(readSuiteOptions([], { part: [`gateway=${import.meta.dirname}/main.ts`] }).programs).toEqual({ gateway: 'cli/main.ts' })
  expect(readSuiteOptions([], { liar: 'router-never-pools' }).poolers).toEqual(['router'])
  expect(() => readSuiteOptions([], { liar: 'router-never-pools', pooler: 'all' })).toThrow('the pooler must be router')
  expect(() => readSuiteOptions([], { liar: 'gateway-forgets-expire' })).toThrow('did you mean gateway-forgets-expiry?')
  expect(() => readSuiteOptions([], { part: ['gateway=nowhere.ts'] })).toThrow('nowhere.ts is not there')
  expect(() => readSuiteOptions([], { part: ['gatway=cli/main.ts'] })).toThrow('did you mean gateway?')
})

test.each([
  [{ provider: 'dokcer' }, 'did you mean docker?'],
  [{ pooler: 'pgcat' }, 'no pooler "pgcat"'],
  [{ profile: 'fast' }, 'no profile "fast"'],
  [{ gate: 'releas' }, 'did you mean release?'],
  [{ repeat: '0' }, 'a whole number from 1'],
  [{ repeat: 'many' }, 'a whole number from 1'],
  [{ topology: '{"shards":' }, 'is no JSON'],
  [{ topology: 'shards=two' }, '--topology: shards'],
])('%j is refused in one sentence', (raw, sentence) => {
  expect(() => readSuiteOptions([], raw)).toThrow(sentence)
})

const env = { npm_lifecycle_event: 'suite' }

test.each([
  [{ ...env, npm_config_id: 'true' }, ['suite', 'jwt', 'JWT-002'], 'npm run suite jwt -- --id JWT-002`'],
  [
    { ...env, npm_config_id: 'true', npm_config_pooler: 'true' },
    ['suite', 'JWT-002', 'pgdog'],
    'npm run suite -- --id JWT-002 --pooler pgdog`',
  ],
  [{ ...env, npm_config_priority: 'p0' }, ['suite', 'conn'], 'npm run suite conn -- --priority p0`'],
  [{ ...env, npm_config_seed: '' }, ['suite'], 'npm run suite -- --seed <seed>`'],
  [{ ...env, npm_config_json: 'true' }, ['suite', 'conn'], 'npm run suite conn -- --json`'],
])('%j %j is answered with the right spelling', (given, words, spelling) => {
  expect(() => refuseSwallowed(given, words)).toThrow(spelling)
})

test('the hash of a plan depends on what decides it, and on nothing else', () => {
  const spec = specification()
  const hash = (raw: RawOptions) => makePlan(spec, readSuiteOptions([], { pooler: 'router', ...raw }), '/nonexistent').hash
  expect(hash({ seed: 'a' })).toBe(hash({ seed: 'b' }))
  expect(
    new Set([{}, { priority: 'p0' }, { profile: 'full' }, { topology: 'shards=2' }, { liar: 'gateway-forgets-expiry' }].map(hash)).size,
  ).toBe(5)
})

test('a plan lists every entry of the specification, in or out and why', () => {
  const spec = specification()
  const { entries } = makePlan(spec, readSuiteOptions(['conn'], { pooler: 'router' }), '/nonexistent')
  expect(entries.map(({ id }) => id)).toEqual([...spec.entries.keys()])
  expect(entries.every(({ why }) => why !== '')).toBe(true)
  expect(entries.find(({ id }) => id === 'JWT-001')).toMatchObject({ in: false, why: 'another family was asked for' })
})
