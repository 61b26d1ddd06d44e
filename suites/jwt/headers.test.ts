/** Headers that lie: about the algorithm, about the key, and about where a key can be found. */
import { createPublicKey } from 'node:crypto'
import { relative } from 'node:path'
import { expect } from 'vitest'
import { makeAuthority } from '../../fixtures/certificates.ts'
import { makeKeyPair } from '../../fixtures/keys.ts'
import { answered, openTlsProbe } from '../../fixtures/probe.ts'
import type { Stack } from '../../stack/stack.ts'
import { spec } from '../kit.ts'
import { confuse, mintUnsigned } from './forgeries.ts'
import { layLure, type Lure } from './lure.ts'
import { mintPointers } from './pointers.ts'
import { expectAccepted, expectFatal, expectReason, expectRefused, present, type Verdicts, type Ways } from './verdicts.ts'

spec('JWT-101', async (trial) => {
  const { stack, gateway, mint, prove } = trial
  const genuine = await mint()
  const first = await present(trial, { 'the token under its own header': genuine })
  const checks = async () => (await gateway.metrics()).get('orochi_gateway_token_verifications_total')
  const before = await checks()
  const confused = await present(trial, {
    ...confuse(stack, genuine),
    'HS256 by the PEM': await mint({ forgery: 'hs256-with-public-key' }),
  })
  const after = await checks()

  await prove('refused', () => {
    expectAccepted(first)
    expectFatal(confused)
    expectRefused(confused, stack)
  })
  await prove('reason', () => expectReason(confused, 'unsupported_algorithm'))
  await prove('no-check', () => expect(after - before, 'signatures checked').toBe(0))
})

/** All that the server says to a token: the fields of its error and anything else. */
async function heardFor({ door, role }: Stack, token: string): Promise<string> {
  await using probe = await openTlsProbe(door, { ca: door.ca, servername: door.servername })
  const login = await probe.logIn({ user: role, database: door.database, password: token })
  return JSON.stringify([login.ok, Object.values(login.error?.fields ?? {}), [...login.parameters], login.key, login.trouble?.message])
}

spec('JWT-102', async (trial) => {
  const { stack, mint, prove } = trial
  const claims = { sub: 'echo-of-a-subject', tenant_id: 'echo-of-a-tenant', email: 'echo@orochi.test' }
  const genuine = await mint({ claims })
  const unsigned = { ...(await mintUnsigned({ ...trial, mint: (wish) => mint({ ...wish, claims }) }, genuine)) }
  const [header = '', payload = ''] = genuine.split('.')
  const tokens: Record<string, string> = { ...unsigned, 'a good header, no signature': `${header}.${payload}.` }
  const verdicts = await present(trial, tokens)

  await prove('refused', () => {
    expect(verdicts.length, 'spellings').toBeGreaterThanOrEqual(9)
    expectFatal(verdicts)
    expectRefused(verdicts, stack)
  })
  await prove('no-echo', async () => {
    for (const [what, token] of Object.entries(tokens)) {
      const heard = await answered(heardFor(stack, token), 'an answer')
      expect(heard, what).toContain('28000')
      expect(heard, what).not.toMatch(/echo|tenant_user|issuer/)
    }
  })
})

/** Ids of keys that are something else to a file system, a database, a terminal, a URL or an object. */
async function mintOddIds(ways: Ways, lure: Lure): Promise<Record<string, string>> {
  const { stack, mint } = ways
  const { keyId } = stack.issuer
  const fromPart = relative(stack.part('gateway-0').dir, lure.file)
  const ids: Readonly<Record<string, unknown>> = {
    'a path upwards': '../../../../../../etc/passwd',
    'a file that is there': lure.file,
    'a file that is there, from where the gateway works': fromPart,
    'a file that is there, by its URL': `file://${lure.file}`,
    'a file that is empty': '/dev/null',
    'an address': lure.url,
    SQL: `${keyId}' or '1'='1`,
    'SQL with an end': `x'; drop table users; --`,
    'a command': '$(touch /tmp/x)|`id`',
    '8 KB': 'k'.repeat(8192),
    'ours and 8 KB': keyId + ' '.repeat(8192),
    'ours and a NUL': `${keyId}\0.pem`,
    'ours and a space': `${keyId} `,
    'ours in capitals': keyId.toUpperCase(),
    'control characters': '\r\n{"level":"info","event":"login","outcome":"accepted"}\n\u{1b}[2J\u{9b}31m',
    'a line of its own': `\u{2028}"event":"login"`,
    'text that turns around': '\u{202e}detpecca',
    ['__proto__']: '__proto__',
    constructor: 'constructor',
    toString: 'toString',
    'a number': 1,
    'a list': [keyId],
    'an object': { id: keyId },
    nothing: '',
    null: null,
  }
  const tokens: Record<string, string> = {}
  for (const [what, kid] of Object.entries(ids)) tokens[`kid: ${what}`] = await mint({ header: { kid } })
  return tokens
}

/** Every line is one record, and nothing in it moves a cursor or begins another line. */
function expectTidy(lines: readonly { readonly text: string }[]): void {
  for (const { text } of lines) {
    expect(() => JSON.parse(text) as unknown, `a line of the log: ${text}`).not.toThrow()
    expect(text, 'a line of the log').not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
    expect(text.length, 'the length of a line').toBeLessThan(2_000)
  }
}

spec('JWT-105', async (trial) => {
  const { stack, gateway, mint, prove } = trial
  const part = stack.part('gateway-0')
  const { pid } = part
  await using lure = await layLure({ keys: [] }, part.dir)
  const tokens = await mintOddIds(trial, lure)
  const mark = part.logMark()
  const verdicts: Verdicts[number][] = []
  let opened = false
  for (const [what, token] of Object.entries(tokens)) {
    const { value, read } = await lure.watch(gateway.attempt(token))
    opened ||= read
    verdicts.push({ what, attempt: value })
  }
  const last = await present(trial, { 'a good token afterwards': await mint() })

  await prove('refused', () => {
    expectFatal(verdicts)
    expectRefused(verdicts, stack)
  })
  await prove('no-file', () => expect([opened, lure.visits()], 'whether a file was opened, and calls to an address').toEqual([false, 0]))
  await prove('tidy', () => {
    const lines = part.logSince(mark)
    expect(lines.length, 'lines of the log').toBeGreaterThanOrEqual(verdicts.length)
    expectTidy(lines)
    for (const { what, attempt } of verdicts) expect(attempt.audit?.reason, what).toMatch(/^(unknown_key|malformed_token)$/)
  })
  await prove('alive', () => {
    expectAccepted(last)
    expect([part.alive(), part.pid], 'the gateway’s process').toEqual([true, pid])
  })
})

spec('JWT-106', async (trial) => {
  const { stack, mint, prove } = trial
  const stranger = await makeKeyPair()
  const jwk = { ...createPublicKey(stranger.publicKeyPem).export({ format: 'jwk' }), kid: 'k-of-a-stranger', alg: 'RS256', use: 'sig' }
  const { certificate } = await (await makeAuthority()).issue()
  await using lure = await layLure({ keys: [jwk, { ...jwk, kid: stack.issuer.keyId }] }, stack.part('gateway-0').dir)
  const forged = await present(trial, await mintPointers(mint, { lure, jwk, certificate, signedBy: stranger.privateKeyPem }))
  const genuine = await present(trial, await mintPointers(mint, { lure, jwk, certificate }))

  await prove('refused', () => {
    expectFatal(forged)
    expectRefused(forged, stack)
  })
  await prove('ignored', () => expectAccepted(genuine))
  await prove('no-visit', () => expect(lure.visits(), 'calls to the address that the headers name').toBe(0))
})
