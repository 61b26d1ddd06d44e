import { expect, test } from 'vitest'
import { makeToken } from './testing/issuer.ts'
import { raiseStage } from './testing/stage.ts'

test.each([
  ['no permissions', {}],
  ['other permissions', { permissions: ['read'] }],
  ['a word that begins like it', { scope: 'replications' }],
])('a token with %s does not replicate, and reaches nobody', async (_, claims) => {
  await using stage = await raiseStage()
  expect(await (await stage.logIn(await makeToken({ claims }), { replication: 'database' })).refusal()).toBe('42501')
  expect(stage.upstream.opened()).toBe(0)
  expect(stage.logins()).toMatchObject([{ outcome: 'refused', reason: 'replication_not_allowed', sub: 'user-1', tenant: 'tenant-a' }])
})

test.each([{ permissions: ['replication'] }, { scope: 'read replication' }])('a token with %j does', async (claims) => {
  await using stage = await raiseStage()
  const client = await stage.logIn(await makeToken({ claims }), { replication: 'true' })
  await client.until('ready-for-query')
  expect(stage.upstream.seen[0]!.get('replication')).toBe('true')
})

test('a bad token learns nothing of what it may not', async () => {
  await using stage = await raiseStage()
  expect(await (await stage.logIn(await makeToken({ claims: { exp: 1 } }), { replication: 'true' })).refusal()).toBe('28000')
})
