/** The cache in the middle of a crowd: workers that fill and read it at the same time, past its bound. */
import { expect } from 'vitest'
import { makeKeyPair } from '../../fixtures/keys.ts'
import { answered, firstText, openTlsProbe } from '../../fixtures/probe.ts'
import type { Stack } from '../../stack/stack.ts'
import { wish, type Trial } from '../kit.ts'
import { watchSize } from './size.ts'

const cacheEntries = 1000
const spec = wish({ gateway: { cacheEntries } })

const workers = 10
const roundsPerWorker = 100
/** Known to all from the start; with what the workers write they are more than the cache may hold. */
const sharedTokens = 32

type Mint = Trial<'CACHE-006'>['mint']

/** A token and the only right answer to it. */
interface Card {
  readonly token: string
  readonly truth: string
}

const refused = 'refused FATAL 28000'

async function mintFor(mint: Mint, name: string): Promise<Card> {
  return {
    token: await mint({ claims: { tenant_id: `tenant-${name}`, sub: `user-${name}` } }),
    truth: `accepted tenant-${name} user-${name}`,
  }
}

async function mintMany(mint: Mint, names: readonly string[]): Promise<readonly Card[]> {
  const cards = []
  for (const name of names) cards.push(await mintFor(mint, name))
  return cards
}

/** The same words as a good token, signed by somebody else: a cache that looks at less than the whole token takes it for the good one. */
async function forge(mint: Mint, { token }: Card, signedBy: string): Promise<Card> {
  const payloadText = Buffer.from(token.split('.')[1]!, 'base64url').toString()
  return { token: await mint({ payloadText, signedBy }), truth: refused }
}

/** What one presentation came to: the tenant and subject of the session, or the refusal's code, or what went wrong. */
async function verdictOf({ door }: Stack, token: string): Promise<string> {
  try {
    await using probe = await openTlsProbe(door, { ca: door.ca, servername: door.servername }, { deadlineMs: 20_000 })
    const login = await probe.logIn({ user: 'tenant_user', database: door.database, password: token })
    if (login.error) return `refused ${login.error.severity} ${login.error.sqlstate}`
    if (login.trouble) return `trouble ${login.trouble.code}: ${login.trouble.message}`
    return `accepted ${firstText(await probe.query(`select orochi.tenant_id() || ' ' || orochi.user_id()`))}`
  } catch (error) {
    return `trouble ${(error as Error).message}`
  }
}

interface Play extends Card {
  readonly verdict: string
}

/** In each round a worker writes a token that nobody has seen, then reads one that has been seen, or a forgery of one. */
async function work(stack: Stack, own: readonly Card[], known: readonly Card[], random: () => number): Promise<readonly Play[]> {
  const played: Play[] = []
  const present = async (card: Card) => void played.push({ ...card, verdict: await verdictOf(stack, card.token) })
  for (const [round, card] of own.entries()) {
    await present(card)
    const seen = random() < 0.7 ? known : own.slice(0, round + 1)
    await present(seen[Math.floor(random() * seen.length)]!)
  }
  return played
}

const unlikeTruth = (played: readonly Play[]): string =>
  [...new Set(played.filter(({ verdict, truth }) => verdict !== truth).map(({ verdict, truth }) => `${verdict}; right is: ${truth}`))]
    .slice(0, 10)
    .join('\n')

spec('CACHE-006', async ({ stack, gateway, mint, random, prove, measure }) => {
  const part = stack.part('gateway-0')
  const { pid } = part
  const good = await mintMany(
    mint,
    Array.from({ length: sharedTokens }, (_, index) => `shared-${index}`),
  )
  const stranger = await makeKeyPair()
  const forged: Card[] = []
  for (const card of good.slice(0, sharedTokens / 2)) forged.push(await forge(mint, card, stranger.privateKeyPem))
  const namesOf = (worker: number) => Array.from({ length: roundsPerWorker }, (_, round) => `${worker}-${round}`)
  const hands = []
  for (let worker = 0; worker < workers; worker++) hands.push(await mintMany(mint, namesOf(worker)))
  const before = await work(stack, good, good, random)
  const sizes: number[] = []
  const watch = watchSize({ stack, gateway }, sizes)
  const start = performance.now()
  const played = (await Promise.all(hands.map((own) => work(stack, own, [...good, ...forged], random)))).flat()
  measure('presentation_rate', (played.length / (performance.now() - start)) * 1000, '1/s')
  await watch.stop()

  await prove('alive', async () => {
    const troubles = played.map(({ verdict }) => verdict).filter((verdict) => verdict.startsWith('trouble'))
    expect([...new Set(troubles)].slice(0, 10).join('\n'), `${troubles.length} presentations without a verdict`).toBe('')
    expect(played.length, 'presentations').toBe(2 * workers * roundsPerWorker)
    expect([part.alive(), part.pid], 'the gateway’s process').toEqual([true, pid])
    expect(await answered(verdictOf(stack, good[0]!.token), 'a login afterwards')).toBe(good[0]!.truth)
  })
  await prove('bounded', () => {
    expect(sizes.length, 'looks at the size of the cache').toBeGreaterThan(2)
    expect(Math.max(...sizes), `entries, while ${sharedTokens + workers * roundsPerWorker} good tokens went round`).toBeLessThanOrEqual(
      cacheEntries,
    )
    expect(sizes.at(-1), 'entries at the end').toBe(cacheEntries)
  })
  await prove('right', () => {
    expect(unlikeTruth(before), 'verdicts one after another').toBe('')
    expect(unlikeTruth(played), 'verdicts at the same time').toBe('')
    expect(new Set(played.map(({ truth }) => truth === refused)), 'good ones and forgeries').toEqual(new Set([false, true]))
  })
})
