import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeKeyFor, makeToken } from './testing/issuer.ts'
import type { GatewayConfig } from './config.ts'
import { raiseStage, type Stage } from './testing/stage.ts'
import { once, revoke, taking } from './testing/ways.ts'

const key = makeKeyFor('ES256')
/** Of points on P-256. */
const order = 0xffffffff_00000000_ffffffff_ffffffff_bce6faad_a7179e84_f3b9cac2_fc632551n

/** For each ECDSA signature (r, s) there is another one that is as good, (r, order - s), and anybody can compute it. */
function twinOf(token: string): string {
  const [header, payload, signature = ''] = token.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  const other = (order - BigInt(`0x${bytes.toString('hex', 32)}`)).toString(16).padStart(64, '0')
  return `${header}.${payload}.${Buffer.concat([bytes.subarray(0, 32), Buffer.from(other, 'hex')]).toString('base64url')}`
}

async function outcomeOf(stage: Stage, token: string): Promise<string> {
  const client = await stage.logIn(token)
  await client.until('ready-for-query')
  client.stream.destroy()
  return stage.logins().at(-1)?.reason ?? 'accepted'
}

/** The issuer signs by ES256 here. */
function byCurve(config: GatewayConfig): GatewayConfig {
  const publicKey = join(config.tls!.cert, '..', 'es256.pem')
  writeFileSync(publicKey, key.publicPem)
  const issuers = config.issuers.map((issuer) => ({ ...issuer, keys: [{ id: 'k1', algorithm: 'ES256' as const, publicKey }] }))
  return { ...config, issuers }
}

test('a token under the twin of its signature is the same token: it is revoked with it', async () => {
  await using stage = await raiseStage({ change: (config) => taking(byCurve(config)) })
  const token = await makeToken({ algorithm: 'ES256', signedBy: key })
  const twin = twinOf(token)
  expect(twin).not.toBe(token)
  expect([await outcomeOf(stage, token), await outcomeOf(stage, twin)]).toEqual(['accepted', 'accepted'])
  await revoke(stage, { jti: 'token-1' })
  expect([await outcomeOf(stage, token), await outcomeOf(stage, twin)]).toEqual(['token_revoked', 'token_revoked'])
})

test('where tokens are for single use, the twin is used up with its token', async () => {
  await using stage = await raiseStage({ change: (config) => once(9)(byCurve(config)) })
  const token = await makeToken({ algorithm: 'ES256', signedBy: key })
  expect([await outcomeOf(stage, token), await outcomeOf(stage, twinOf(token))]).toEqual(['accepted', 'token_replayed'])
})
