import { expect, test } from 'vitest'
import type { GatewayConfig } from './config.ts'
import { configSchema } from './config.ts'
import { startFakeUpstream } from './testing/fake-upstream.ts'
import { makeToken } from './testing/issuer.ts'
import { logInOver, raiseStage, type Stage } from './testing/stage.ts'

type Branch = { readonly name: string; readonly port: number; readonly database: string }

/** A cluster `acme` on the stage's own upstream and further ports. */
const routed =
  (branches: (own: number) => readonly Branch[], further: object = {}) =>
  (config: GatewayConfig): GatewayConfig => {
    const { upstream, ...others } = config
    const clusters = [{ name: 'acme', branches: branches(upstream?.port ?? 0).map((branch) => ({ host: '127.0.0.1', ...branch })) }]
    const routing = { suffix: 'db.example.org', neutralHosts: ['localhost'], clusters, ...further }
    const { cluster: _cluster, branch: _branch, ...claims } = config.claims
    return configSchema.parse({ ...others, claims, routing })
  }

async function logIn(stage: Stage, host: string | undefined, claims: object, parameters: Record<string, string> = {}) {
  const client = await logInOver(
    await stage.secure(host === undefined ? {} : { servername: host }),
    await makeToken({ claims: { ...claims } }),
    parameters,
  )
  return (await client.until('ready-for-query')).at(-1)?.kind === 'ready-for-query' ? 'in' : await client.refusal()
}

test('the host decides the pooler, the database and the branch of the session', async () => {
  await using other = await startFakeUpstream()
  const branches = (own: number) => [{ name: 'main', port: own, database: 'orochi' }, { name: 'feature-x', port: other.port, database: 'orochi_x' }] // prettier-ignore
  await using stage = await raiseStage({ change: routed(branches) })
  expect(await logIn(stage, 'ACME.Main.db.example.org', {})).toBe('in')
  expect(await logIn(stage, 'acme.feature-x.db.example.org.', { branch_id: 'feature-x' })).toBe('in')
  const seen = [stage.upstream.seen, other.seen].map(([first]) => [first?.get('database'), first?.get('orochi.branch_id')])
  expect(seen).toEqual([
    ['orochi', 'main'],
    ['orochi_x', 'feature-x'],
  ])
  const claims = JSON.parse(other.seen[0]?.get('orochi.claims') ?? '') as { p: string }
  expect(JSON.parse(Buffer.from(claims.p, 'base64url').toString())).toMatchObject({ cluster: 'acme', branch: 'feature-x' })
})

test('unknown and forbidden places are refused alike, and nobody reaches a pooler', async () => {
  await using stage = await raiseStage({ change: routed((own) => [{ name: 'main', port: own, database: 'orochi' }, { name: 'x', port: own, database: 'x' }]) }) // prettier-ignore
  const attempts: [string | undefined, object][] = [
    ['acme.y.db.example.org', {}],
    ['initech.main.db.example.org', {}],
    ['acme.x.db.example.org', { branch_id: 'main' }],
    ['acme.main.db.example.org', { cluster_id: 'initech' }],
    ['acme.db.example.org', {}],
    ['gateway.example.org', {}],
    ['localhost', {}],
    [undefined, {}],
  ]
  for (const [host, claims] of attempts) expect(await logIn(stage, host, claims), host).toBe('28000')
  expect(stage.upstream.opened()).toBe(0)
  expect(stage.logins().map(({ reason }) => reason)).toEqual(
    ['unknown_route', 'unknown_route', 'route_mismatch', 'route_mismatch', 'unknown_route', 'unknown_route', 'unknown_route', 'unknown_route'], // prettier-ignore
  )
})

test('hints of clients without host name count where that is allowed, and are not passed on', async () => {
  const branches = (own: number) => [{ name: 'main', port: own, database: 'm' }, { name: 'x', port: own, database: 'x' }] // prettier-ignore
  await using stage = await raiseStage({ change: routed(branches, { fallbacks: ['options', 'database'] }) })
  expect(await logIn(stage, undefined, {}, { options: '-c lock_timeout=1s -c route=acme.x' })).toBe('in')
  expect(await logIn(stage, 'localhost', {}, { database: 'orochi@acme.main' })).toBe('in')
  expect(await logIn(stage, undefined, {}, { database: 'orochi@acme.main', options: '--route=acme.x' })).toBe('28000')
  expect(await logIn(stage, undefined, {}, { options: '-croute=acme.x -c route=acme.x' })).toBe('08P01')
  expect(stage.upstream.seen.map((each) => [each.get('database'), each.get('lock_timeout'), each.has('route')])).toEqual([
    ['x', '1s', false],
    ['m', undefined, false],
  ])
})

test('where hints are not allowed there are none', async () => {
  await using stage = await raiseStage()
  expect(await logIn(stage, undefined, {}, { options: '-c route=local.main' })).toBe('0A000')
  expect(await logIn(stage, undefined, {}, { database: 'orochi@local.main' })).toBe('28000')
})

test('a session goes to another pooler while one is down', async () => {
  await using stage = await raiseStage({
    change: (config) => ({
      ...config,
      upstream: { database: 'orochi_0', addresses: [{ host: '127.0.0.1', port: 1 }, { host: '127.0.0.1', port: config.upstream?.port ?? 0 }] }, // prettier-ignore
    }),
  })
  expect(await logIn(stage, undefined, {})).toBe('in')
  expect(await logIn(stage, undefined, {})).toBe('in')
  expect(stage.upstream.seen).toHaveLength(2)
})

test('a pooler on a Unix socket', async () => {
  await using stage = await raiseStage({ socket: true })
  expect(await logIn(stage, undefined, {})).toBe('in')
  expect(stage.upstream.seen).toHaveLength(1)
})
