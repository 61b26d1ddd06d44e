import { connect } from 'node:net'
import { expect, test } from 'vitest'
import type { z } from 'zod'
import { proxySignature } from './access/proxy-header.ts'
import { encodeStartup } from '../wire/index.ts'
import { accessSections, type GateLimits } from './access/limits-config.ts'
import type { GatewayConfig } from './config.ts'
import { logInVisitor, usualGreeting } from './testing/fake-upstream.ts'
import { makeToken, otherKey } from './testing/issuer.ts'
import { proxyHeader } from './testing/proxy.ts'
import { raiseStage, type Stage } from './testing/stage.ts'

interface Wish {
  readonly perAddress?: Partial<GateLimits['perAddress']>
  readonly limits?: Partial<Omit<GatewayConfig['limits'], 'perAddress'>>
  readonly allow?: string[]
  readonly proxies?: string[]
  readonly tenants?: z.input<typeof accessSections.tenants>
}

/** Everybody here comes from 127.0.0.1, which is exempt unless something is said about addresses. */
function raise({ perAddress, limits, allow, proxies, tenants }: Wish): Promise<Stage> {
  return raiseStage({
    change: (config) => ({
      ...config,
      access: { ...config.access, ...(allow && { allow }), ...(proxies && { proxies }) },
      tenants: accessSections.tenants.parse(tenants),
      limits: {
        ...config.limits,
        ...limits,
        perAddress: { ...config.limits.perAddress, ...(perAddress && { exempt: [] }), ...perAddress },
      },
    }),
  })
}

const reasonsOf = (stage: Stage) => stage.logins().map(({ outcome, reason }) => reason ?? outcome)

/** 'in', the SQLSTATE of the refusal, or how else it ended. */
async function answerTo(stage: Stage, token: string, ahead?: Buffer): Promise<string> {
  const client = await stage.logIn(token, {}, ahead && { ahead }).catch(() => null)
  if (client === null) return 'dropped'
  if ((await client.until('ready-for-query')).at(-1)?.kind !== 'ready-for-query') return await client.refusal()
  client.stream.destroy()
  return 'in'
}

async function metricsOf({ gateway }: Stage): Promise<string> {
  return await (await fetch(`http://127.0.0.1:${gateway.operationsPort}/metrics`)).text()
}

test('connects: told at first, then dropped', async () => {
  await using stage = await raise({ perAddress: { connects: { count: 2, windowMs: 60_000 } } })
  const token = await makeToken()
  const answers = []
  for (let knock = 0; knock < 6; knock++) answers.push(await answerTo(stage, token))
  expect(answers).toEqual(['in', 'in', '53300', '53300', 'dropped', 'dropped'])
  expect(reasonsOf(stage)).toEqual(['accepted', 'accepted', ...Array.from({ length: 3 }, () => 'too_many_connects')])
  expect(await metricsOf(stage)).toContain('orochi_gateway_limited_total{reason="too_many_connects"} 4')
})

test('failures: a good token is not even looked at while the address is shut out; an operator is told', async () => {
  await using stage = await raise({ perAddress: { failures: { count: 2, windowMs: 60_000, blockMs: 60_000 } } })
  const [good, bad] = [await makeToken(), await makeToken({ signedBy: otherKey })]
  expect([await answerTo(stage, bad), await answerTo(stage, bad)]).toEqual(['28000', '28000'])
  expect(await answerTo(stage, good)).toBe('28000')
  expect(reasonsOf(stage)).toEqual(['invalid_signature', 'invalid_signature', 'too_many_failures'])
  const metrics = await metricsOf(stage)
  expect(metrics).toContain('orochi_gateway_token_verifications_total 2')
  expect(metrics).toContain('orochi_gateway_addresses_blocked_total 1')
  const blocked = stage.lines.filter(({ level }) => level === 'warn').map(({ record }) => record)
  expect(blocked).toMatchObject([{ event: 'blocked', address: '127.0.0.1', forMs: 60_000 }])
})

test('what goes wrong upstream, or before a token is shown, is no failure of the address', async () => {
  await using stage = await raise({ perAddress: { failures: { count: 1, windowMs: 60_000, blockMs: 60_000 } } })
  await stage.upstream[Symbol.asyncDispose]()
  const token = await makeToken()
  expect(await answerTo(stage, token)).toBe('08001')
  expect(await answerTo(stage, '')).toBe('28000')
  const plain = stage.plain()
  plain.stream.write(Buffer.alloc(8, 0xff))
  expect(await plain.refusal()).toBe('08P01')
  expect(await answerTo(stage, token)).toBe('08001')
})

test('handshakes at once: silent ones hold their places until they are gone', async () => {
  await using stage = await raise({ perAddress: { handshakes: 1 } })
  const silent = stage.plain()
  silent.stream.write(Buffer.from('0000000804d2162f', 'hex'))
  expect((await silent.bytes(1)).toString()).toBe('S')
  const second = stage.plain()
  second.stream.write(Buffer.from('0000000804d2162f', 'hex'))
  expect(await second.refusal()).toBe('silence')
  expect(reasonsOf(stage)).toEqual(['too_many_handshakes'])
  silent.stream.destroy()
  await expect.poll(async () => answerTo(stage, await makeToken())).toBe('in')
})

test('connections that are not logged in: over the limit they are dropped at once, and stall nobody', async () => {
  await using stage = await raise({ limits: { unauthenticated: 2 } })
  const idle = [stage.plain(), stage.plain()]
  await Promise.all(idle.map(({ stream }) => new Promise((resolve) => stream.once('connect', resolve))))
  await expect.poll(() => metricsOf(stage)).toContain('orochi_gateway_unauthenticated 2')
  expect(await stage.plain().refusal()).toBe('silence')
  idle[0]!.stream.destroy()
  await expect.poll(async () => answerTo(stage, await makeToken())).toBe('in')
})

test('connections of an address that are not logged in', async () => {
  await using stage = await raise({ perAddress: { unauthenticated: 1 } })
  const idle = connect(stage.gateway.port, '127.0.0.1')
  await expect.poll(() => metricsOf(stage)).toContain('orochi_gateway_unauthenticated 1')
  expect(await stage.plain().refusal()).toBe('silence')
  idle.destroy()
  await expect.poll(async () => answerTo(stage, await makeToken())).toBe('in')
})

test('clients in all, and of a tenant; whoever leaves makes room', async () => {
  await using stage = await raise({ limits: { clients: 2, perTenant: { connections: 1 } }, tenants: { 'tenant-b': { connections: 2 } } })
  const tenant = (name: string) => makeToken({ claims: { tenant_id: name } })
  const first = await stage.logIn(await tenant('tenant-a'))
  await first.until('ready-for-query')
  expect(await answerTo(stage, await tenant('tenant-a'))).toBe('53300')
  const second = await stage.logIn(await tenant('tenant-b'))
  await second.until('ready-for-query')
  expect(await answerTo(stage, await tenant('tenant-b'))).toBe('53300')
  expect(await metricsOf(stage)).toContain('orochi_gateway_clients 2')
  first.stream.destroy()
  await expect.poll(async () => answerTo(stage, await tenant('tenant-b'))).toBe('in')
})

test('a place is free again when the upstream does not let the client in', async () => {
  let open = false
  await using stage = await raiseStage({
    serve: async (visitor) => {
      if (!open) return visitor.send({ kind: 'error-response', fields: new Map([['C', '53300']]) })
      await logInVisitor(visitor)
      visitor.send(...usualGreeting)
    },
    change: (config) => ({ ...config, limits: { ...config.limits, perTenant: { connections: 1 } } }),
  })
  expect(await answerTo(stage, await makeToken())).toBe('53300')
  open = true
  expect(await answerTo(stage, await makeToken())).toBe('in')
})

test('who may knock at all: others are dropped without a word', async () => {
  await using stage = await raise({ allow: ['192.0.2.0/24', '2001:db8::/32'] })
  expect(await answerTo(stage, await makeToken())).toBe('dropped')
  expect(reasonsOf(stage)).toEqual(['address_not_allowed'])
})

test('from where a tenant may log in: the words are those of any refused identity', async () => {
  await using stage = await raise({ tenants: { 'tenant-a': { allow: ['192.0.2.0/24'] } } })
  expect(await answerTo(stage, await makeToken())).toBe('28000')
  expect(await answerTo(stage, await makeToken({ claims: { tenant_id: 'tenant-b' } }))).toBe('in')
  expect(stage.logins()).toMatchObject([{ reason: 'tenant_address', tenant: 'tenant-a' }, { outcome: 'accepted' }])
  expect(stage.upstream.opened()).toBe(1)
})

const proxies = ['127.0.0.0/8']

test('a trusted proxy says for whom it comes: that address is the one that counts', async () => {
  await using stage = await raise({
    proxies,
    allow: ['198.51.100.0/24', '2001:db8::/32'],
    perAddress: { connects: { count: 1, windowMs: 60_000 } },
  })
  const token = await makeToken()
  const from = (address: string) => answerTo(stage, token, proxyHeader(address, 4000))
  expect(await from('198.51.100.1')).toBe('in')
  expect(await from('::ffff:198.51.100.1')).toBe('53300')
  expect(await from('198.51.100.2')).toBe('in')
  expect(await from('2001:db8::1')).toBe('in')
  expect(await from('2001:db8::2')).toBe('53300')
  expect(await from('203.0.113.1')).toBe('dropped')
  expect(stage.logins().map(({ remote, reason }) => [remote, reason])).toEqual([
    ['198.51.100.1:4000', undefined],
    ['198.51.100.1:4000', 'too_many_connects'],
    ['198.51.100.2:4000', undefined],
    ['2001:db8:0:0:0:0:0:1:4000', undefined],
    ['2001:db8:0:0:0:0:0:2:4000', 'too_many_connects'],
    ['203.0.113.1:4000', 'address_not_allowed'],
  ])
})

test('a trusted proxy that says nothing, or not in version 2, is dropped; for itself it may come', async () => {
  await using stage = await raise({ proxies })
  const token = await makeToken()
  expect(await answerTo(stage, token)).toBe('dropped')
  expect(await answerTo(stage, token, Buffer.from('PROXY TCP4 198.51.100.1 198.51.100.2 1 2\r\n'))).toBe('dropped')
  expect(await answerTo(stage, token, Buffer.concat([proxySignature, Buffer.from('20000000', 'hex')]))).toBe('in')
  expect(reasonsOf(stage)).toEqual(['proxy_header', 'proxy_header', 'accepted'])
})

test('from anybody else, what a proxy would say is a breach of the protocol', async () => {
  await using stage = await raise({ proxies: ['192.0.2.0/24'] })
  const client = stage.plain()
  client.stream.write(proxyHeader('198.51.100.1', 4000))
  expect(await client.refusal()).toBe('08P01')
  expect(stage.logins()).toMatchObject([{ reason: 'protocol_violation', remote: expect.stringMatching(/^127\.0\.0\.1:/) as string }])
})

test('it makes no difference where the header is split, nor what comes with it', async () => {
  await using stage = await raise({ proxies })
  const all = Buffer.concat([proxyHeader('198.51.100.1', 4000), encodeStartup({ kind: 'ssl-request' })])
  for (let at = 1; at <= all.length; at++) {
    const client = stage.plain()
    client.stream.write(all.subarray(0, at))
    await new Promise((resolve) => setTimeout(resolve, 1))
    client.stream.write(all.subarray(at))
    expect((await client.bytes(1)).toString(), `split at ${at}`).toBe('S')
    client.stream.destroy()
  }
})

test('a proxy that never comes to the point is let go; meanwhile it is counted', async () => {
  await using stage = await raise({ proxies, limits: { startupTimeoutMs: 300, unauthenticated: 2 } })
  const [first, second] = [stage.plain(), stage.plain()]
  await expect.poll(() => metricsOf(stage)).toContain('orochi_gateway_unauthenticated 2')
  expect(await stage.plain().refusal()).toBe('silence')
  expect([await first.refusal(), await second.refusal()]).toEqual(['silence', 'silence'])
  expect(reasonsOf(stage)).toEqual(['too_many_strangers', 'login_timeout', 'login_timeout'])
})
