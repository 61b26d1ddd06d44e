import { expect, test } from 'vitest'
import { defaultTopology } from '../wish.ts'
import { pgdogToml } from './pgdog.ts'
import { fillTemplate, judgeToml } from './pgdog-template.ts'

test('what the generator writes is known, whatever the topology', () => {
  const address = (port: number) => ({ host: '127.0.0.1', port, database: 'orochi_0' })
  const servers = [
    { role: 'primary' as const, ...address(1) },
    { role: 'replica' as const, ...address(2) },
  ]
  for (const hash of ['orochi', 'own'] as const) {
    const { pooler, sharding, split } = defaultTopology({ shards: 2, sharding: { hash, twoPhaseCommit: true }, split: { maxLagMs: 500 } })
    const plan = {
      instance: 0,
      wish: pooler!,
      database: 'orochi',
      shards: [servers, servers],
      branches: {},
      sharding,
      split,
      user: 'u',
      password: 'p',
      adminPassword: 'a',
      ca: 'CA',
      program: null,
      further: [],
    }
    const toml = pgdogToml(plan).replaceAll(/\{port:\w+\}/g, '6432')
    expect(judgeToml(toml)).toEqual([])
  }
})

test('a key that does not exist is told with its line and the real one', () => {
  const text =
    '[general]\nport = 5432\nworker_threads = 4\n\n[query_routing]\nmax_replica_lag = 1000\n\n[query_routing.branch]\nenabled = true\n'
  const why = 'PgDog 0.1.54 has no such key'
  expect(judgeToml(text)).toEqual([
    { key: 'general.worker_threads', line: 3, real: 'general.workers', why },
    { key: 'query_routing.max_replica_lag', line: 6, real: 'general.ban_replica_lag', why },
    { key: 'query_routing.branch.enabled', line: 9, real: null, why },
  ])
})

test('a slip of the pen gets the nearest key', () => {
  expect(judgeToml('[general]\ndefault_pol_size = 5\n')).toMatchObject([
    { key: 'general.default_pol_size', line: 2, real: 'general.default_pool_size' },
  ])
})

test('tables given several times, inline tables and dotted keys are looked into', () => {
  const text = '[[databases]]\nname = "a"\n[[databases]]\nnme = "b"\n[general]\ntls = { enabled = true }\n'
  expect(judgeToml(text)).toMatchObject([
    { key: 'databases.nme', line: 4 },
    { key: 'general.tls.enabled', line: 6, real: null },
  ])
})

test('text that is no TOML is told with its place', () => {
  expect(() => judgeToml('[general]\nport 5432\n')).toThrow(/^line 2, column \d+: /)
})

test('a template is filled, and a variable without a value is named', () => {
  expect(fillTemplate('host = "{{.ClusterName}}-rw.{{ .Namespace }}"', { ClusterName: 'c', Namespace: 'n' })).toBe('host = "c-rw.n"')
  expect(() => fillTemplate('{{.ShardCount}}', {})).toThrow('--set ShardCount=…')
})
