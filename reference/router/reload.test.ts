import { expect, test } from 'vitest'
import { parseConfig } from './config-file.ts'
import { mergeConfig } from './reload.ts'

const text = `listen: { host: 127.0.0.1, port: 6432 }
operations: { host: 127.0.0.1, port: 9090 }
users: [{ name: app, password: secret }]
databases: [{ name: orochi, shards: [{ servers: [{ role: primary, host: a, port: 1, database: x }] }] }]
`

test('databases are taken over; what needs a restart is named and stays', () => {
  const running = parseConfig(text, 'r.yaml')
  const next = parseConfig(text.replace('host: a', 'host: b').replace('secret', 'other'), 'r.yaml')
  const { config, waiting } = mergeConfig(running, next)
  expect(config.databases[0]?.shards[0]?.servers[0]?.host).toBe('b')
  expect(config.users).toEqual(running.users)
  expect(waiting).toEqual(['users'])
  expect(mergeConfig(running, running).waiting).toEqual([])
})
