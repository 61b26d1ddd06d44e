import { once } from 'node:events'
import { createPublicKey, createSecretKey, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { CompactSign } from 'jose'
import { expect, test } from 'vitest'
import { configSchema, type GatewayConfig } from './config.ts'
import { goodClaims, key, makeToken, otherKey, type TestKey } from './testing/issuer.ts'
import { raiseStage, type Stage } from './testing/stage.ts'

const jwkOf = (kid: string, { publicPem }: TestKey) => ({ ...createPublicKey(publicPem).export({ format: 'jwk' }), kid })

/** An issuer that publishes whatever the test wants. */
async function issuing(keys: readonly object[]) {
  const site = { keys, requests: 0 }
  const server = createServer((_, response) => (site.requests++, response.end(JSON.stringify({ keys: site.keys })))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`
  return { site, url, [Symbol.asyncDispose]: async () => (server.close(), void (await once(server, 'close'))) }
}

const fetching =
  (url: string, jwks: object = {}) =>
  (config: GatewayConfig) =>
    withIssuers(config, [{ keys: [], jwks: { url, ...jwks } }])

function withIssuers(config: GatewayConfig, issuers: readonly object[]): GatewayConfig {
  return configSchema.parse({ ...config, issuers: issuers.map((issuer) => ({ ...config.issuers[0], ...issuer })) })
}

async function verdict(stage: Stage, token: string): Promise<string> {
  const client = await stage.logIn(token)
  await client.until('ready-for-query')
  client.stream.destroy()
  return stage.logins().at(-1)?.reason ?? 'accepted'
}

const ready = async (stage: Stage) => (await fetch(`http://127.0.0.1:${stage.gateway.operationsPort}/ready`)).status

test('tokens are checked by the keys an issuer publishes; a cached one goes with its key', async () => {
  await using issuer = await issuing([jwkOf('k1', key)])
  const clock = { ms: 0 }
  await using stage = await raiseStage({ change: fetching(issuer.url), pieces: { now: () => Date.now() + clock.ms } })
  const token = await makeToken()
  expect([await verdict(stage, token), await verdict(stage, token), await ready(stage)]).toEqual(['accepted', 'accepted', 200])
  issuer.site.keys = [jwkOf('k2', otherKey)]
  clock.ms += 31_000
  expect(await verdict(stage, await makeToken({ kid: 'k2', signedBy: otherKey }))).toBe('accepted')
  expect(await verdict(stage, token)).toBe('unknown_key')
  expect(issuer.site.requests).toBe(2)
})

test('a reload unlearns nothing; without any keys the gateway is not ready, and says what is wrong to the log only', async () => {
  await using issuer = await issuing([jwkOf('k1', key)])
  await using stage = await raiseStage({ change: fetching(issuer.url) })
  expect(await verdict(stage, await makeToken())).toBe('accepted')
  await stage.gateway.reload(() => stage.gateway.config())
  expect([await verdict(stage, await makeToken()), issuer.site.requests]).toEqual(['accepted', 1])
  await using without = await raiseStage({ change: fetching('http://127.0.0.1:1/') })
  expect([await ready(without), await verdict(without, await makeToken())]).toEqual([503, 'keys_unavailable'])
  expect(without.lines.map(({ record }) => record)).toContainEqual(expect.objectContaining({ event: 'jwks', outcome: 'failed' }))
})

test('a key of one issuer is no key of another, whatever its id', async () => {
  await using one = await issuing([jwkOf('k1', key)])
  await using other = await issuing([jwkOf('k1', otherKey)])
  const both = (config: GatewayConfig) => withIssuers(config, [{ keys: [], jwks: { url: one.url } }, { issuer: 'https://other.test', keys: [], jwks: { url: other.url } }]) // prettier-ignore
  await using stage = await raiseStage({ change: both })
  const claims = { iss: 'https://other.test' }
  expect(await verdict(stage, await makeToken())).toBe('accepted')
  expect(await verdict(stage, await makeToken({ claims, signedBy: otherKey }))).toBe('accepted')
  expect(await verdict(stage, await makeToken({ claims }))).toBe('invalid_signature')
  expect(await verdict(stage, await makeToken({ signedBy: otherKey }))).toBe('invalid_signature')
})

test('HS256 is for issuers that share a secret, and for no others', async () => {
  const secret = randomBytes(32)
  const sharing = (config: GatewayConfig) => {
    const file = join(config.tls!.cert, '..', 'shared.secret')
    writeFileSync(file, secret.toString('base64'))
    return withIssuers(config, [{}, { issuer: 'https://other.test', keys: [], sharedSecrets: [{ id: 's1', file }] }])
  }
  await using stage = await raiseStage({ change: sharing })
  const sign = (claims: object, by: Buffer, kid: string) =>
    new CompactSign(Buffer.from(JSON.stringify({ ...goodClaims(), ...claims })))
      .setProtectedHeader({ alg: 'HS256', kid })
      .sign(createSecretKey(by))
  const other = { iss: 'https://other.test' }
  expect(await verdict(stage, await sign(other, secret, 's1'))).toBe('accepted')
  expect(await verdict(stage, await sign(other, randomBytes(32), 's1'))).toBe('invalid_signature')
  expect(await verdict(stage, await sign({}, Buffer.from(key.publicPem), 'k1'))).toBe('unsupported_algorithm')
  expect(await verdict(stage, await makeToken({ claims: other, kid: 's1' }))).toBe('unsupported_algorithm')
  await using plain = await raiseStage()
  expect(await verdict(plain, await sign({}, Buffer.from(key.publicPem), 'k1'))).toBe('unsupported_algorithm')
})
