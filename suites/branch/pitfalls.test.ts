/** Attempts to get at another branch than one's own: by token, by host name, by the TLS session of another name. */
import type { TLSSocket } from 'node:tls'
import type pg from 'pg'
import { expect } from 'vitest'
import { answered, openProbe } from '../../fixtures/probe.ts'
import { hostSuffix } from '../../stack/layout.ts'
import type { Stack } from '../../stack/stack.ts'
import { wish } from '../kit.ts'
import type { Attempt } from '../kit/gateway.ts'
import { clientHello } from './client-hello.ts'
import { askWhere, at, branched, hostOf, named } from './places.ts'

const spec = wish(branched)
const branches = ['main', 'feature-x', 'hotfix'] as const

const told = ({ ok, severity, sqlstate }: Attempt) => [ok, severity, sqlstate]
const refused = [false, 'FATAL', '28000']

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

spec('SEC-137', async ({ gateway, mint, prove, measure }) => {
  const tokens = new Map(
    await Promise.all(branches.map(async (branch) => [branch, await mint({ claims: { branch_id: branch } })] as const)),
  )
  const tried: { what: string; equal: boolean; attempt: Attempt }[] = []
  for (const host of branches)
    for (const [claim, token] of tokens)
      tried.push({ what: `${claim} at ${host}`, equal: host === claim, attempt: await gateway.attempt(token, named(hostOf(host))) })
  const nowhere = await mint({ claims: { branch_id: 'nowhere' } })
  const others = {
    'an unknown branch': await gateway.attempt(nowhere, named(hostOf('nowhere'))),
    'an unknown branch without claim': await gateway.attempt(await mint(), named(hostOf('nowhere'))),
    'an unknown cluster': await gateway.attempt(await mint(), named(hostOf('main', 'elsewhere'))),
    'a token of another cluster': await gateway.attempt(await mint({ claims: { cluster_id: 'elsewhere' } }), named(hostOf('main'))),
    'a token of another cluster, at it': await gateway.attempt(
      await mint({ claims: { cluster_id: 'elsewhere' } }),
      named(hostOf('main', 'elsewhere')),
    ),
  }
  const denied = [...tried.filter(({ equal }) => !equal).map(({ what, attempt }) => [what, attempt] as const), ...Object.entries(others)]

  await prove('refused', () => {
    for (const { what, equal, attempt } of tried) if (equal) expect(attempt.ok, what).toBe(true)
    for (const [what, attempt] of denied) expect(told(attempt), what).toEqual(refused)
  })
  await prove('nothing-reached', () => {
    for (const [what, { backendsOpened }] of denied) expect(backendsOpened, what).toBe(0)
  })
  await prove('alike', () => {
    expect(new Set(denied.map(([, { severity, sqlstate, message }]) => JSON.stringify([severity, sqlstate, message])))).toHaveLength(1)
  })
  await prove('audited', () => {
    const reasons = denied.map(([what, { audit }]) => [what, audit?.reason])
    const unknown = new Set([
      'an unknown branch',
      'an unknown branch without claim',
      'an unknown cluster',
      'a token of another cluster, at it',
    ])
    expect(reasons).toEqual(denied.map(([what]) => [what, unknown.has(what) ? 'unknown_route' : 'route_mismatch']))
  })
  await prove('same-time', async () => {
    const times = { forbidden: [] as number[], unknown: [] as number[] }
    for (let turn = 0; turn < 20; turn++) {
      times.forbidden.push((await gateway.attempt(tokens.get('main')!, named(hostOf('feature-x')))).ms)
      times.unknown.push((await gateway.attempt(nowhere, named(hostOf('nowhere')))).ms)
    }
    const [forbidden, unknown] = [medianOf(times.forbidden), medianOf(times.unknown)]
    measure('refused, a forbidden branch, median', forbidden, 'ms')
    measure('refused, an unknown branch, median', unknown, 'ms')
    expect(Math.max(forbidden / unknown, unknown / forbidden)).toBeLessThan(2)
  })
})

const mixed = `Local.${'feature-x'.toUpperCase()}.${hostSuffix}`
const forms = [mixed, hostOf('feature-x').toUpperCase(), `${hostOf('feature-x')}.`]

const strictly = [
  hostSuffix,
  `local.${hostSuffix}`,
  `feature-x.${hostSuffix}`,
  `x.${hostOf('feature-x')}`,
  `${hostOf('feature-x')}.evil.test`,
  `${hostOf('feature-x')}..`,
  `local.feature-x.x${hostSuffix}`,
  `local.feature-xxdb.orochi.test`,
  `localxfeature-x.${hostSuffix}`,
  `local.feature-x.db.orochi.example`,
  `local.feature_x.${hostSuffix}`,
  `local.-feature-x.${hostSuffix}`,
  `local.xn--feature-x-.${hostSuffix}`,
  hostOf('xn--fature-x-b4a'),
  `local.*.${hostSuffix}`,
  `${'l'.repeat(64)}.main.${hostSuffix}`,
]

/** What a raw hello with this name is answered by: `alert` or something else. */
async function hello({ door }: Stack, name: Buffer): Promise<string> {
  await using probe = await answered(openProbe(door), 'a connection')
  expect(await answered(probe.askTls(), 'SSLRequest')).toBe('S')
  probe.send(clientHello(name))
  return await probe.readBytes(1).then(
    ([type]) => (type === 0x15 ? 'alert' : 'something else'),
    () => 'closed',
  )
}

/** The TLS session that this client could resume. */
async function sessionOf(client: pg.Client): Promise<Buffer | undefined> {
  await client.query('select 1')
  return (client as unknown as { connection: { stream: TLSSocket } }).connection.stream.getSession()
}

spec('SEC-138', async ({ stack, gateway, connect, mint, prove }) => {
  const token = await mint()
  await prove('forms', async () => {
    for (const name of forms) expect(await askWhere(await connect({ token, ...named(name) })), name).toEqual(at('feature-x'))
  })
  await prove('fallback', async () => {
    for (const name of ['', '127.0.0.1']) expect(await askWhere(await connect({ token, ...named(name) })), name).toEqual(at('main'))
  })
  const tried: (readonly [string, Attempt])[] = []
  for (const name of strictly) tried.push([name, await gateway.attempt(token, named(name))])
  await prove('strict', () => {
    for (const [name, attempt] of tried) expect(told(attempt), name).toEqual(refused)
  })
  await prove('nothing-reached', () => {
    for (const [name, { backendsOpened }] of tried) expect(backendsOpened, name).toBe(0)
  })
  await prove('malformed', async () => {
    const names = [Buffer.from(`local.feature-x\0.${hostSuffix}`), Buffer.alloc(256, 0x61)]
    for (const name of names) expect(await hello(stack, name), `${name.length} bytes`).toBe('alert')
    expect(await hello(stack, Buffer.from(hostOf('main'))), 'a good name').toBe('something else')
    expect(await askWhere(await connect({ token, ...named(hostOf('main')) })), 'the next client').toEqual(at('main'))
  })
  await prove('this-handshake', async () => {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const)
      for (const [first, then] of [
        ['main', 'feature-x'],
        ['feature-x', 'main'],
      ] as const) {
        const session = await sessionOf(await connect({ token, tls: { ...named(hostOf(first)).tls, maxVersion } }))
        const resumed = { ...named(hostOf(then)).tls, maxVersion, ...(session === undefined ? {} : { session }) }
        expect(await askWhere(await connect({ token, tls: resumed })), `${maxVersion} of ${first}`).toEqual(at(then))
      }
  })
})
