/** Edges: the very second in which a token ends, and names that are nearly ours. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { spec } from '../kit.ts'
import type { Attempt } from '../kit/gateway.ts'
import { expectAccepted, expectFatal, expectReason, expectRefused, present, type Ways } from './verdicts.ts'

/** One login by a token that ends at a known moment; the gateway decided within these two. */
interface Sample {
  readonly from: number
  readonly to: number
  readonly attempt: Attempt
}

interface Watched {
  /** The moment at which the leeway is over, ms since 1970. */
  readonly end: number
  readonly samples: readonly Sample[]
}

async function take({ gateway }: Pick<Ways, 'gateway'>, token: string): Promise<Sample> {
  const from = Date.now()
  const attempt = await gateway.attempt(token)
  return { from, to: Date.now(), attempt }
}

const ahead = 1_500

/** Logs in from somewhat before the leeway ends until somewhat after; `next` gives the token for each login. */
async function watchTheEnd(ways: Ways, leewaySeconds: number, fresh: boolean): Promise<Watched> {
  const exp = Math.ceil((Date.now() + ahead) / 1000) - leewaySeconds
  const end = (exp + leewaySeconds) * 1000
  const mintOne = () => ways.mint({ claims: { iat: exp - 60, exp } })
  let token = await mintOne()
  const samples: Sample[] = []
  while (Date.now() < end + 900) {
    samples.push(await take(ways, token))
    if (fresh) token = await mintOne()
    await sleep(20)
  }
  return { end, samples }
}

/** Only logins that were over before the last moment, or began after it, say anything; there must be some in the second on either side. */
function sides({ end, samples }: Watched) {
  const last = samples.filter(({ from, to }) => to < end && from >= end - 1_000)
  const first = samples.filter(({ from }) => from >= end && from < end + 1_000)
  return { last, first }
}

/** A machine that is too busy to log in within a second shows nothing: it is watched again, with tokens that end later. */
async function watchBoth(ways: Ways, leewaySeconds: number, signal: AbortSignal) {
  for (;;) {
    const [fresh, cached] = await Promise.all([watchTheEnd(ways, leewaySeconds, true), watchTheEnd(ways, leewaySeconds, false)])
    const seen = [sides(fresh), sides(cached)].flatMap(({ last, first }) => [last.length, first.length])
    if (seen.every((count) => count > 0)) return { fresh: sides(fresh), cached: sides(cached) }
    signal.throwIfAborted()
  }
}

const outcomes = (samples: readonly Sample[]) => [...new Set(samples.map(({ attempt }) => (attempt.ok ? 'let in' : attempt.sqlstate)))]

spec('JWT-110', async (trial) => {
  const { stack, prove, signal, measure } = trial
  const leewaySeconds = stack.topology.gateway?.leewaySeconds ?? 30
  const { fresh, cached } = await watchBoth(trial, leewaySeconds, signal)
  measure('logins in the last second', fresh.last.length + cached.last.length, 'logins')

  await prove('within', () => expect(outcomes(fresh.last), 'in the last second of the leeway').toEqual(['let in']))
  await prove('beyond', () => expect(outcomes(fresh.first), 'in the second after it').toEqual(['28000']))
  await prove('cached', () => {
    expect(outcomes(cached.last), 'a token that is remembered, in the last second').toEqual(['let in'])
    expect(outcomes(cached.first), 'a token that is remembered, in the second after it').toEqual(['28000'])
  })
})

spec('JWT-111', async (trial) => {
  const { stack, mint, prove } = trial
  const { issuer, audience } = stack.issuer
  const mintAll = async (claim: 'aud' | 'iss', values: Readonly<Record<string, unknown>>) => {
    const tokens: Record<string, string> = {}
    for (const [what, value] of Object.entries(values)) tokens[what] = await mint({ claims: { [claim]: value } })
    return tokens
  }
  const crowd = (last: string) => [...Array.from({ length: 9_999 }, (_, i) => (i % 100).toString(36)), last]
  const wrong = await present(
    trial,
    await mintAll('aud', {
      none: undefined,
      wrong: 'elsewhere',
      empty: '',
      'nearly ours': `${audience}/`,
      capitals: audience.toUpperCase(),
    }),
  )
  const listed = await present(trial, await mintAll('aud', { 'ours among others': ['a', audience, 'b'], 'ours alone': [audience] }))
  const many = await present(trial, await mintAll('aud', { '10000 others': crowd('x') }))
  const large = await present(trial, await mintAll('aud', { '9999 others and ours': crowd(audience) }))
  const { host } = new URL(issuer)
  const issuers = await present(
    trial,
    await mintAll('iss', {
      'ours with a slash': `${issuer}/`,
      'ours in capitals': issuer.toUpperCase(),
      'ours with a capital': issuer.replace(host, host[0]!.toUpperCase() + host.slice(1)),
      'ours with a port': `${issuer}:443`,
      'ours with a point': `${issuer}.`,
      'ours by http': issuer.replace('https', 'http'),
      'ours with a space': `${issuer} `,
      'ours with a fragment': `${issuer}#`,
      'ours in a list': [issuer],
    }),
  )

  await prove('audience', () => {
    expectFatal(wrong)
    expectRefused(wrong, stack)
    if (stack.can('audit-log').here) expectReason(wrong, 'invalid_audience')
  })
  await prove('listed', () => expectAccepted(listed))
  await prove('many', () => {
    expectRefused([...many, ...large], stack)
    expectReason(many, 'invalid_audience')
    // It is among them, so there is nothing to say against its audience: what is too large for a session are its claims.
    expectReason(large, 'claims_too_large')
  })
  await prove('issuer', () => {
    expectFatal(issuers)
    expectRefused(issuers, stack)
  })
})
