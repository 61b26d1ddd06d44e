import { expect, test } from 'vitest'
import { ConfigError, parseConfig, readConfig } from './config-file.ts'

const valid = `listen: { host: 127.0.0.1, port: 6432 }
operations: { host: 127.0.0.1, port: 9090 }
users: [{ name: app, password: secret }]
databases:
  - name: orochi
    shards:
      - servers:
          - { role: primary, host: 127.0.0.1, port: 5001, database: orochi_0 }
`

test('what may be left out has a default', () => {
  const { pool, drain, log } = parseConfig(valid, 'r.yaml')
  expect(pool).toEqual({
    mode: 'transaction',
    size: 5,
    minSize: 0,
    connectTimeoutMs: 5000,
    waitTimeoutMs: 5000,
    idleTimeoutMs: 600_000,
    answerTimeoutMs: 0,
  })
  expect(drain).toEqual({ timeoutMs: 30_000 })
  expect(log).toEqual({ level: 'info' })
})

test.each<[string, string, string]>([
  ['a misspelt key', valid.replace('password:', 'pasword:'), 'r.yaml:3: users.0.pasword: unknown key; did you mean password?'],
  [
    'a misspelt key in depth',
    valid.replace('role:', 'rolle:'),
    'r.yaml:8: databases.0.shards.0.servers.0.rolle: unknown key; did you mean role?',
  ],
  ['a key of a section with defaults', `${valid}pool: { sise: 3 }`, 'r.yaml:9: pool.sise: unknown key; did you mean size?'],
  ['a key like no other', `${valid}zzzzzz: 1`, 'r.yaml:9: zzzzzz: unknown key'],
  ['a value out of range', valid.replace('6432', '70000'), 'r.yaml:1: listen.port: '],
  [
    'a shard without primary',
    valid.replace('primary', 'replica'),
    'r.yaml:7: databases.0.shards.0.servers: a shard needs exactly one primary',
  ],
  ['a name that stands there twice', valid.replace('}]', '}, { name: app, password: x }]'), 'r.yaml: users: app stands there twice'],
  ['broken YAML', `${valid}\n  - ]`, 'r.yaml:10: '],
])('%s is said with its line', (_, text, message) => {
  expect(() => parseConfig(text, 'r.yaml')).toThrow(ConfigError)
  expect(() => parseConfig(text, 'r.yaml')).toThrow(message)
})

test('a file that is not there is one sentence', () => {
  expect(() => readConfig('/nowhere/r.yaml')).toThrow('/nowhere/r.yaml: cannot be read (ENOENT)')
})
