/** The classical forgeries against the whole system: not one of them opens anything, or makes anybody look for a key. */
import { createPublicKey } from 'node:crypto'
import { expect } from 'vitest'
import { makeAuthority } from '../../fixtures/certificates.ts'
import { makeKeyPair } from '../../fixtures/keys.ts'
import { confuse, mintUnsigned } from '../jwt/forgeries.ts'
import { layLure } from '../jwt/lure.ts'
import { mintPointers } from '../jwt/pointers.ts'
import { encode, expectAccepted, expectFatal, expectRefused, partsOf, present, signByIssuer, type Verdicts } from '../jwt/verdicts.ts'
import { spec } from '../kit.ts'

spec('SEC-009', async (trial) => {
  const { stack, mint, prove } = trial
  const genuine = await mint()
  const first = await present(trial, { 'the token, signed': genuine })
  const verdicts = await present(trial, await mintUnsigned(trial, genuine), { query: 'select 1' })
  await prove('refused', () => {
    expectAccepted(first)
    expectFatal(verdicts)
    expectRefused(verdicts, stack)
  })
})

spec('SEC-012', async (trial) => {
  const { stack, mint, prove } = trial
  const genuine = await mint()
  const first = await present(trial, { 'the token, signed by the private key': genuine })
  const tokens = { ...confuse(stack, genuine), 'HS256 by the PEM': await mint({ forgery: 'hs256-with-public-key' }) }
  const verdicts = await present(trial, tokens, { query: 'select 1' })
  await prove('refused', () => {
    expectAccepted(first)
    expectFatal(verdicts)
    expectRefused(verdicts, stack)
  })
})

spec('SEC-013', async (trial) => {
  const { stack, gateway, mint, prove } = trial
  const stranger = await makeKeyPair()
  const { privateKeyPem: signedBy } = stranger
  const jwk = { ...createPublicKey(stranger.publicKeyPem).export({ format: 'jwk' }), kid: 'k-of-a-stranger', alg: 'RS256', use: 'sig' }
  const { certificate } = await (await makeAuthority()).issue()
  await using lure = await layLure({ keys: [jwk, { ...jwk, kid: stack.issuer.keyId }] }, stack.part('gateway-0').dir)
  const headers: Readonly<Record<string, { readonly kid: string }>> = {
    'kid upwards': { kid: '../../../../etc/passwd' },
    'kid of a file': { kid: lure.file },
    'kid of an empty file': { kid: '/dev/null' },
    'kid of an address': { kid: lure.url },
  }
  const crits: Readonly<Record<string, object>> = {
    'an unknown crit': { crit: ['urn:orochi:purpose'], 'urn:orochi:purpose': 1 },
    'a crit of nothing': { crit: [] },
    'a crit of what is not there': { crit: ['exp'] },
  }
  const tokens = await mintPointers(mint, { lure, jwk, certificate, signedBy })
  for (const [what, header] of Object.entries(headers)) tokens[what] = await mint({ header, signedBy })
  const [, payload] = partsOf(await mint())
  for (const [what, fields] of Object.entries(crits))
    tokens[what] = signByIssuer(stack, `${encode({ alg: 'RS256', kid: stack.issuer.keyId, ...fields })}.${payload}`)
  const verdicts: Verdicts[number][] = []
  let opened = false
  for (const [what, token] of Object.entries(tokens)) {
    const { value, read } = await lure.watch(gateway.attempt(token))
    opened ||= read
    verdicts.push({ what, attempt: value })
  }
  const first = await present(trial, { 'a plain token': await mint() })

  await prove('refused', () => {
    expectAccepted(first)
    expectFatal(verdicts)
    expectRefused(verdicts, stack)
  })
  await prove('no-fetch', () =>
    expect([lure.visits(), opened], 'calls to the address, and whether the file was opened').toEqual([0, false]),
  )
})
