/** Keys that an issuer publishes: how a gateway gets them, how long it keeps them, and who can make it ask. */
import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { openProbe } from '../../fixtures/probe.ts'
import type { Stack } from '../../stack/stack.ts'
import { spec } from '../kit.ts'
import { reconfigure, type Configuration } from '../kit/reconfigure.ts'
import { holds, isReady, issuedBy, makeIssuerKey, startPublisher, tokenBy, tokenFor } from './publisher.ts'

const [known, next] = [makeIssuerKey('k1'), makeIssuerKey('k2')]
const shifter = (stack: Stack) => (seconds: number) => stack.part('gateway-0').shiftClock!(seconds * 1000)

spec('ERR-003', async ({ stack, gateway, connect, prove }) => {
  await using issuer = await startPublisher(known.jwk)
  await using _changed = await reconfigure(stack, {
    apply: issuedBy({ jwks: { url: issuer.url, refreshSeconds: 60, cooldownSeconds: 30 } }),
  })
  const [part, shift] = [stack.part('gateway-0'), shifter(stack)]
  const { pid } = part
  const [oldToken, newToken] = [tokenBy(stack, known), tokenBy(stack, next)]
  const accepts = async (token: string) => (await gateway.attempt(token)).ok
  try {
    const before = [await accepts(oldToken), await accepts(newToken)]
    const session = await connect({ token: oldToken })
    issuer.publish(known.jwk, next.jwk)
    await shift(31)
    const overlap = [
      await accepts(newToken),
      await accepts(oldToken),
      await accepts(tokenBy(stack, known)),
      await accepts(tokenBy(stack, next)),
    ]
    issuer.publish(next.jwk)
    const { requests } = issuer
    await shift(100)
    const asked = await holds(() => issuer.requests > requests)
    const gone = await holds(async () => !(await accepts(oldToken)), 3000)
    const after = [
      await accepts(newToken),
      await accepts(oldToken),
      await accepts(tokenBy(stack, known)),
      await accepts(tokenBy(stack, next)),
    ]
    const alive = await session.query('select 1 as one').then(
      ({ rows }) => rows as unknown[],
      () => 'it is gone',
    )

    await prove('overlap', () => {
      expect(before, 'the old one, and the new one before it is published').toEqual([true, false])
      expect(overlap, 'tokens of the new key, of the old one that are remembered and that are not, another of the new').toEqual([
        true,
        true,
        true,
        true,
      ])
    })
    await prove('afterwards', () => {
      expect([asked, gone], 'the set was fetched anew, and the old key is good no more').toEqual([true, true])
      expect(after, 'tokens of the new key, of the old one that were remembered and that were not, another of the new').toEqual([
        true,
        false,
        false,
        true,
      ])
    })
    await prove('no-restart', () => {
      expect([part.alive(), part.pid], 'the gateway’s process').toEqual([true, pid])
      expect(alive, 'a session that was open all the time').toEqual([{ one: 1 }])
    })
  } finally {
    await shift(0)
  }
})

const strangers = 600
const atATime = 20

/** Over loopback without TLS, so that the time is the gateway's own; ms for each. */
async function presentStrangers(
  { door, role }: Stack,
  tokens: readonly string[],
): Promise<readonly { readonly ms: number; readonly code: string }[]> {
  const found: { ms: number; code: string }[] = []
  const left = [...tokens]
  const present = async () => {
    for (let token = left.pop(); token !== undefined; token = left.pop()) {
      await using probe = await openProbe(door)
      const start = performance.now()
      const { error, trouble } = await probe.logIn({ user: role, database: door.database, password: token })
      found.push({ ms: performance.now() - start, code: error?.sqlstate ?? trouble?.code ?? 'accepted' })
    }
  }
  await Promise.all(Array.from({ length: atATime }, present))
  return found
}

spec('JWT-103', async ({ stack, prove, measure }) => {
  await using issuer = await startPublisher(known.jwk)
  const plain = (config: Configuration) => {
    const { tls: _, ...rest } = config
    return issuedBy({ jwks: { url: issuer.url, refreshSeconds: 300, cooldownSeconds: 30 } })(rest)
  }
  await using _changed = await reconfigure(stack, { apply: plain })
  const shift = shifter(stack)
  const strange = () => tokenFor(stack, { kid: randomUUID(), signature: () => Buffer.alloc(256, 1) })
  const storm = () => presentStrangers(stack, Array.from({ length: strangers }, strange))
  const good = async () => (await presentStrangers(stack, [tokenBy(stack, known)]))[0]!
  try {
    const first = await good()
    const early = { answers: await storm(), fetches: issuer.requests, good: await good() }
    await shift(100)
    const late = { answers: await storm(), fetches: issuer.requests, good: await good() }
    const all = [...early.answers, ...late.answers].map(({ ms }) => ms).toSorted((one, other) => one - other)
    measure('unknown_key_p99', all[Math.floor(all.length * 0.99)]!, 'ms')
    issuer.publish(known.jwk, next.jwk)
    await shift(140)
    const [found] = await presentStrangers(stack, [tokenBy(stack, next)])

    await prove('one-fetch', () => {
      expect(early.fetches, 'fetches within the first cool-down, the first one among them').toBe(1)
      expect(late.fetches, 'fetches within the second, when the set is old enough').toBe(2)
    })
    await prove('at-once', () => {
      for (const { code } of [...early.answers, ...late.answers]) expect(code).toBe('28000')
      expect(all.at(-1), `the longest of ${all.length} answers, ${atATime} at a time`).toBeLessThan(1500)
    })
    await prove('good', () =>
      expect([first.code, early.good.code, late.good.code], 'good logins before and after').toEqual(['accepted', 'accepted', 'accepted']),
    )
    await prove('new-key', () => expect(found?.code, 'a token of a key that is published by now').toBe('accepted'))
  } finally {
    await shift(0)
  }
})

spec('JWT-104', async ({ stack, gateway, prove }) => {
  await using issuer = await startPublisher(known.jwk)
  const jwks = { url: issuer.url, refreshSeconds: 300, cooldownSeconds: 30, maxStaleSeconds: 3600 }
  await using _changed = await reconfigure(stack, { apply: issuedBy({ jwks }) })
  const shift = shifter(stack)
  const accepted = async () => (await gateway.attempt(tokenBy(stack, known))).ok
  const logins = async (count: number) => {
    const verdicts: boolean[] = []
    for (let login = 0; login < count; login++) verdicts.push(await accepted())
    return verdicts
  }
  try {
    const [first] = await logins(1)
    issuer.behave((response) => void response.writeHead(503).end())
    await shift(1800)
    const tried = await holds(() => issuer.requests === 2)
    const later = await logins(10)
    for (let login = 0; login < 10; login++) await gateway.attempt(tokenFor(stack, { kid: 'k9', signature: () => Buffer.alloc(256, 1) }))
    const fetches = issuer.requests
    await shift(1831)
    const triedAgain = await holds(() => issuer.requests === 3)
    await shift(3602)
    const [tooOld, readyThen] = [await logins(2), await isReady(stack)]
    issuer.publish(known.jwk)
    await shift(3640)
    const recovered = await holds(accepted)
    const readyAgain = await isReady(stack)

    await prove('goes-on', () =>
      expect([first, ...later], 'logins before, and half an hour after the keys could be fetched last').toEqual(
        Array.from({ length: 11 }, () => true),
      ),
    )
    await prove('cool-down', () => {
      expect([tried, fetches], 'fetches until 20 logins have been answered, the first one among them').toEqual([true, 2])
      expect(triedAgain, 'one more fetch when the cool-down is over').toBe(true)
    })
    await prove('ceiling', () => expect(tooOld, 'logins past the ceiling').toEqual([false, false]))
    await prove('readiness', () => expect([readyThen, readyAgain], 'ready past the ceiling, and with keys again').toEqual([false, true]))
    await prove('recovers', () => expect(recovered, 'logins, when the keys can be fetched again').toBe(true))
  } finally {
    await shift(0)
  }
})
