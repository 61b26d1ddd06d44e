import { expect, test } from 'vitest'
import { parseConfig } from '../config-file.ts'
import { resolveRoles } from './resolve.ts'

const configOf = (roles: readonly string[]) =>
  parseConfig(
    JSON.stringify({
      listen: { host: '127.0.0.1', port: 0 },
      operations: { host: '127.0.0.1', port: 0 },
      users: [{ name: 'app', password: 'x' }],
      databases: [{ name: 'orochi', shards: [{ servers: roles.map((role, i) => ({ role, host: 'db', port: i + 1, database: 'd' })) }] }],
    }),
    'router.yaml',
  )

const rolesOf = (roles: readonly string[], primaries: readonly string[]) =>
  resolveRoles(configOf(roles), new Set(primaries)).databases[0]!.shards[0]!.servers.map(({ role }) => role)

test('the one that was found is the primary, and before that the first', () => {
  expect(rolesOf(['auto', 'auto', 'auto'], ['db:2/d'])).toEqual(['replica', 'primary', 'replica'])
  expect(rolesOf(['auto', 'auto'], [])).toEqual(['primary', 'replica'])
  expect(rolesOf(['auto', 'auto'], ['elsewhere:2/d'])).toEqual(['primary', 'replica'])
})

test('roles that are told are never changed', () => {
  expect(rolesOf(['replica', 'primary'], ['db:1/d'])).toEqual(['replica', 'primary'])
})

test.for([[['primary', 'auto']], [['primary', 'primary']], [['replica']]])('a shard of %j is refused', ([roles]) => {
  expect(() => configOf(roles!)).toThrow(/exactly one primary, or the role auto for all/)
})
