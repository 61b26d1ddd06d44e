/** What has the form of a token and what has not: one token has one spelling and one reading, and ends somewhere. */
import { expect } from 'vitest'
import { answered, decode, encode as message, openTlsProbe, type Probe } from '../../fixtures/probe.ts'
import type { Stack } from '../../stack/stack.ts'
import { spec } from '../kit.ts'
import { encryptedTokens, malform, mintOtherReadings, respell } from './malformed.ts'
import { encode, expectAccepted, expectFatal, expectReason, expectRefused, partsOf, present, type Verdicts, type Ways } from './verdicts.ts'

const secured = ({ door }: Stack): Promise<Probe> => openTlsProbe(door, { ca: door.ca, servername: door.servername })

/** An empty string has no segment at all; drivers would not send it. */
async function logInWithNothing(stack: Stack) {
  await using probe = await secured(stack)
  return await probe.logIn({ user: stack.role, database: stack.door.database, password: '' })
}

spec('JWT-015', async (trial) => {
  const { stack, gateway, mint, prove } = trial
  const genuine = await mint()
  const part = stack.part('gateway-0')
  const { pid } = part
  const verdicts = await present(trial, malform(genuine))
  const mark = gateway.mark()
  const empty = await logInWithNothing(stack).catch(() => null)
  const last = await present(trial, { 'a good token afterwards': genuine })
  const emptyRecord = gateway.auditSince(mark)[0]

  await prove('rejected', () => {
    expectRefused(verdicts, stack)
    expect([empty?.ok, empty?.error?.severity, empty?.error?.sqlstate], 'an empty string').toEqual([false, 'FATAL', '28000'])
  })
  await prove('reason', () => {
    expectReason(verdicts, 'malformed_token')
    expect([emptyRecord?.reason, ...(emptyRecord?.also ?? [])], 'reasons for an empty string').toContain('malformed_token')
  })
  await prove('alive', async () => {
    expectAccepted(last)
    expect([part.alive(), part.pid], 'the gateway’s process').toEqual([true, pid])
    expect((await answered(gateway.attempt(genuine), 'a login')).ok).toBe(true)
  })
})

spec('JWT-114', async (trial) => {
  const { stack, mint, prove } = trial
  const genuine = await mint()
  const first = await present(trial, { 'a plain token': genuine })
  const read = await present(trial, mintOtherReadings(stack, genuine))
  const encrypted = await present(trial, encryptedTokens(stack, genuine))
  const spelt = await present(trial, respell(stack, genuine))
  const provePlain = (verdicts: Verdicts) => () => {
    expectAccepted(first)
    expectFatal(verdicts)
    expectRefused(verdicts, stack)
  }

  await prove('header', provePlain(read))
  await prove('encrypted', provePlain(encrypted))
  await prove('spelling', provePlain(spelt))
  await prove('reason', () => expectReason([...read, ...encrypted, ...spelt], 'malformed_token'))
})

/** The last character of a signature stands for two to four bits that nobody reads; each other one of them is the same bytes. */
function otherTails(genuine: string): Record<string, string> {
  const [header, payload, signature] = partsOf(genuine)
  const bytes = Buffer.from(signature, 'base64url')
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const tails = [...alphabet].map((last) => signature.slice(0, -1) + last).filter((tail) => tail !== signature)
  const alike = tails.filter((tail) => Buffer.from(tail, 'base64url').equals(bytes))
  return Object.fromEntries(alike.map((tail) => [`the signature ends in ${tail.at(-1)}`, `${header}.${payload}.${tail}`]))
}

spec('JWT-115', async (trial) => {
  const { stack, gateway, mint, prove } = trial
  const genuine = await mint()
  const [header, payload, signature] = partsOf(genuine)
  const tails = otherTails(genuine)
  const spellings: Record<string, string> = {
    ...tails,
    'with padding': `${genuine}==`,
    'in the standard alphabet': `${header}.${payload}.${signature.replaceAll('-', '+').replaceAll('_', '/')}`,
    'with a line break in it': `${header}.${payload}.${signature.slice(0, 76)}\n${signature.slice(76)}`,
    'with a space behind': `${genuine} `,
    'with a point behind': `${genuine}.`,
  }
  const counted = async () => {
    const metrics = await gateway.metrics()
    const of = (name: string) => metrics.get(`orochi_gateway_token_${name}`)
    return { entries: of('cache_entries'), hits: of('cache_hits_total'), checks: of('verifications_total') }
  }
  const first = await present(trial, { 'the token itself': genuine })
  const before = await counted()
  const verdicts = await present(trial, spellings)
  const after = await counted()
  const last = await present(trial, { 'the token itself, again': genuine })
  const end = await counted()

  await prove('refused', () => {
    expect(Object.keys(tails).length, 'spellings of the same signature').toBeGreaterThanOrEqual(3)
    expectAccepted(first)
    expectRefused(verdicts, stack)
  })
  await prove('no-entry', () => expect(after, 'entries, hits and checks for other spellings').toEqual(before))
  await prove('own-entry', () => {
    expectAccepted(last)
    expect(end, 'entries, hits and checks for the token itself').toEqual({ ...after, hits: after.hits + 1 })
  })
})

const largest = 65_535

/** A good token of exactly so many bytes: what fills it up stands in the header, which does not travel on. */
async function mintOfSize({ mint }: Ways, size: number): Promise<string> {
  const bare = (await mint({ header: { pad: '' } })).length
  for (let fill = Math.floor(((size - bare) * 3) / 4) + 3; fill > 0; fill--) {
    const token = await mint({ header: { pad: 'x'.repeat(fill) } })
    if (token.length === size) return token
    if (token.length < size) break
  }
  // Lengths that are four times something and one are no base64 of anything: the payload makes up for it.
  return await mintOfSize({ mint: (wish) => mint({ ...wish, claims: { note: 'x' } }) } as Ways, size)
}

/** Declares a password of so many bytes and sends nothing of it: whoever answers did not wait for it. */
async function declarePassword(stack: Stack, bytes: number): Promise<{ readonly sqlstate: string; readonly ending: string }> {
  await using probe = await secured(stack)
  probe.send(message.startup({ user: stack.role, database: stack.door.database }))
  await probe.read()
  const whole = message.password('x')
  whole.writeUInt32BE(bytes + 4, 1)
  probe.sendPartly(whole, 5)
  const answer = await probe.read()
  return { sqlstate: decode.errorOf(answer).sqlstate, ending: await probe.ended() }
}

/** A payload of lists in lists, to no end that matters. */
function nest(stack: Stack, depth: number): string {
  const header = encode({ alg: 'RS256', kid: stack.issuer.keyId, typ: 'JWT' })
  const payload = `{"deep":${'['.repeat(depth)}${']'.repeat(depth)}}`
  return `${header}.${Buffer.from(payload).toString('base64url')}.${'A'.repeat(342)}`
}

spec('JWT-116', async (trial) => {
  const { stack, gateway, prove, measure } = trial
  const checks = async () => (await gateway.metrics()).get('orochi_gateway_token_verifications_total')
  const fitting = await present(trial, { 'a token as large as any may be': await mintOfSize(trial, largest) })
  const larger = await present(trial, { 'one byte more': await mintOfSize(trial, largest + 1) })
  const before = await checks()
  const deep = await present(trial, { 'lists in lists': nest(stack, 10_000), 'more of them': nest(stack, 24_000) })
  const after = await checks()
  for (const { what, attempt } of deep) measure(`refusal of ${what}`, attempt.ms, 'ms')

  await prove('accepted', () => expectAccepted(fitting))
  await prove('too-large', () => {
    expectFatal(larger)
    if (stack.can('audit-log').here) expectReason(larger, 'token_too_large')
  })
  await prove('unbuffered', async () => {
    for (const bytes of [largest + 2, 1_000_000, 0x7fff_fff0])
      expect(await answered(declarePassword(stack, bytes), 'an answer to a length'), `a password of ${bytes} bytes`).toEqual({
        sqlstate: '28000',
        ending: 'closed',
      })
  })
  await prove('deep', () => {
    expectFatal(deep)
    if (stack.can('audit-log').here) expectReason(deep, 'malformed_token')
    if (stack.can('gateway-metrics').here) expect(after - before, 'signatures checked for it').toBe(0)
  })
})
