/** Algorithms, dates and audiences: which of them the gateway takes in a token, and what it says of the others. */
import { createHmac, createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { Stack } from '../../stack/stack.ts'
import { wish, type Trial } from '../kit.ts'
import type { Attempt } from '../kit/gateway.ts'

const leewaySeconds = 30
const spec = wish({ gateway: { leewaySeconds } })

type Ways = Pick<Trial<'JWT-011'>, 'stack' | 'gateway' | 'mint'>
type Verdicts = readonly { readonly what: string; readonly attempt: Attempt }[]

/** Presents tokens one after another, each by the words that say what is special about it. */
async function present({ gateway }: Pick<Ways, 'gateway'>, tokens: Readonly<Record<string, string>>): Promise<Verdicts> {
  const verdicts = []
  for (const [what, token] of Object.entries(tokens)) verdicts.push({ what, attempt: await gateway.attempt(token) })
  return verdicts
}

/** Refused as an identity, before anything reached the pooler. */
function expectRefused(verdicts: Verdicts, stack: Stack): void {
  for (const { what, attempt } of verdicts) {
    expect(attempt.ok, `${what}: the login`).toBe(false)
    expect(attempt.sqlstate ?? 'none', `${what}: SQLSTATE (${attempt.message})`).toMatch(/^28/)
    if (stack.can('links').here) expect(attempt.backendsOpened, `${what}: connections that reached the pooler`).toBe(0)
  }
}

function expectAccepted(verdicts: Verdicts): void {
  for (const { what, attempt } of verdicts) expect([attempt.ok, attempt.message], what).toEqual([true, undefined])
}

function expectReason(verdicts: Verdicts, reason: string): void {
  for (const { what, attempt } of verdicts) {
    expect([attempt.audit?.outcome, attempt.audit?.reason], `${what}: outcome and reason in the login record`).toEqual(['refused', reason])
  }
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const partsOf = (token: string): [string, string, string] => token.split('.') as [string, string, string]

/** The claims of a token under a header of HS256, with the public key for a secret: what everybody has would be enough to sign. */
function signByPublicKey(stack: Stack, token: string, secret: string | Buffer): string {
  const input = `${encode({ alg: 'HS256', kid: stack.issuer.keyId, typ: 'JWT' })}.${partsOf(token)[1]}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

/** No signature, or one that is not asked for, under each spelling of none. */
async function mintUnsigned({ stack, mint }: Ways, genuine: string): Promise<Record<string, string>> {
  const [, payload, signature] = partsOf(genuine)
  const header = (alg: string) => encode({ alg, kid: stack.issuer.keyId, typ: 'JWT' })
  const tokens: Record<string, string> = {
    'none, no signature': await mint({ forgery: 'none' }),
    'none, the signature of a good token': `${header('none')}.${payload}.${signature}`,
    'none, signed by the right key': await mint({ header: { alg: 'none' } }),
    'none, no key named': await mint({ forgery: 'none', header: { kid: undefined } }),
  }
  for (const alg of ['None', 'NONE', 'nOnE', 'none ']) tokens[`"${alg}"`] = `${header(alg)}.${payload}.`
  return tokens
}

/** Signatures that are all good by the algorithm that the header names, or by the pinned one under another name. */
async function mintByOtherAlgorithm({ stack, mint }: Ways, genuine: string): Promise<Record<string, string>> {
  const pem = readFileSync(stack.issuer.publicKeyFile, 'utf8')
  const tokens: Record<string, string> = {
    'HS256 by the public key': await mint({ forgery: 'hs256-with-public-key' }),
    'HS256 by the file of the public key': signByPublicKey(stack, genuine, pem),
    'HS256 by the bytes of the public key': signByPublicKey(stack, genuine, createPublicKey(pem).export({ type: 'spki', format: 'der' })),
    'HS256 by nothing': signByPublicKey(stack, genuine, ''),
  }
  for (const alg of ['RS384', 'RS512', 'PS256', 'PS512']) tokens[`${alg} by the right key`] = await mint({ header: { alg } })
  for (const alg of ['ES256', 'EdDSA', 'rs256', 'RS256 ', ['RS256'], null, undefined])
    tokens[`RS256 that calls itself ${String(JSON.stringify(alg))}`] = await mint({ header: { alg } })
  return tokens
}

spec('JWT-011', async (trial) => {
  const { stack, mint, prove } = trial
  const genuine = await mint()
  const first = await present(trial, { 'the pinned algorithm': genuine })
  const unsigned = await present(trial, await mintUnsigned(trial, genuine))
  const other = await present(trial, await mintByOtherAlgorithm(trial, genuine))

  await prove('none', () => {
    expectAccepted(first)
    expectRefused(unsigned, stack)
  })
  await prove('other', () => {
    expectAccepted(first)
    expectRefused(other, stack)
  })
  await prove('reason', () => expectReason([...unsigned, ...other], 'unsupported_algorithm'))
})

spec('JWT-012', async (trial) => {
  const { stack, mint, prove } = trial
  const ended = (secondsAgo: number) => {
    const now = Math.floor(Date.now() / 1000)
    return mint({ claims: { iat: now - 3600, exp: now - secondsAgo } })
  }
  const verdictsOn = async (secondsAgo: readonly number[]) => {
    const verdicts = []
    for (const ago of secondsAgo) {
      const token = await ended(ago)
      verdicts.push(...(await present(trial, { [`expired ${ago} s ago`]: token, [`expired ${ago} s ago, again`]: token })))
    }
    return verdicts
  }
  const within = await verdictsOn([10, 1, leewaySeconds - 10])
  const beyond = await verdictsOn([60, leewaySeconds + 1, 3000])

  await prove('within', () => expectAccepted(within))
  await prove('beyond', () => {
    expectRefused(beyond, stack)
    if (stack.can('audit-log').here) expectReason(beyond, 'token_expired')
  })
})

spec('JWT-016', async (trial) => {
  const { stack, gateway, mint, prove } = trial
  const shift = (seconds: number) => stack.part('gateway-0').shiftClock!(seconds * 1000)
  const now = Math.floor(Date.now() / 1000)
  const startsIn = (seconds: number) => mint({ claims: { nbf: now + seconds } })
  const token = await startsIn(600)
  try {
    const early = [
      ...(await present(trial, { 'ten minutes early': token })),
      ...(await present(trial, {
        'a little more than the leeway early': await startsIn(leewaySeconds + 15),
        'a year early': await startsIn(31_536_000),
      })),
    ]
    await shift(600 - leewaySeconds - 15)
    early.push(...(await present(trial, { 'shortly before the leeway counts': token })))
    await shift(602)
    const inTime = await present(trial, { 'once nbf has passed': token, 'and again': token })
    await shift(0)
    early.push(...(await present(trial, { 'the clock set back': token })))
    const other = await gateway.attempt(await mint({ claims: { nbf: now - 60 } }))

    await prove('early', () => expectRefused(early, stack))
    await prove('reason', () => expectReason(early, 'token_not_yet_valid'))
    await prove('in-time', () => expectAccepted([...inTime, { what: 'nbf a minute ago', attempt: other }]))
  } finally {
    await shift(0)
  }
})

spec('JWT-017', async (trial) => {
  const { stack, mint, prove } = trial
  const { audience } = stack.issuer
  const withAudience = async (audiences: Readonly<Record<string, unknown>>) => {
    const tokens: Record<string, string> = {}
    for (const [what, aud] of Object.entries(audiences)) tokens[what] = await mint({ claims: { aud } })
    return present(trial, tokens)
  }
  const other = await withAudience({
    another: 'elsewhere',
    'ours in capitals': audience.toUpperCase(),
    'ours and more': `${audience}-2`,
    'the beginning of ours': audience.slice(0, -1),
    'ours among words': `elsewhere ${audience}`,
    'an empty one': '',
    'ours with a space': ` ${audience}`,
  })
  const lists = await withAudience({
    'a list of others': ['elsewhere', `${audience}-2`],
    'an empty list': [],
    'a list in a list': [[audience]],
    'a list with ours among words': [`elsewhere ${audience}`],
  })
  const absent = await withAudience({ 'no audience': undefined, 'null for an audience': null })
  const listed = await withAudience({
    'ours alone': [audience],
    'ours first': [audience, 'elsewhere'],
    'ours last': ['elsewhere', 'somewhere', audience],
  })

  await prove('other', () => expectRefused(other, stack))
  await prove('list', () => expectRefused(lists, stack))
  await prove('absent', () => expectRefused(absent, stack))
  await prove('reason', () => expectReason([...other, ...lists, ...absent], 'invalid_audience'))
  await prove('listed', () => expectAccepted(listed))
})
