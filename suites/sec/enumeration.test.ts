/** What a stranger can find out by trying: nothing about which clusters, branches, roles, keys and tenants there are. */
import { expect } from 'vitest'
import { makeKeyPair } from '../../fixtures/keys.ts'
import { answered, decode, encode, openTlsProbe } from '../../fixtures/probe.ts'
import type { Overrides } from '../../fixtures/tokens.ts'
import type { Stack } from '../../stack/stack.ts'
import { wish, type Trial } from '../kit.ts'

const spec = wish({ branches: ['feature-x'] })

const suffix = 'db.orochi.test'
const rounds = 7
/** Stated: what medians of interleaved logins may differ by. It is a hundred times what a signature costs, and less than a person would notice. */
const bandMs = 40

interface Knock {
  readonly overrides?: Overrides
  readonly text?: string
  readonly host?: string
  readonly database?: string
}

async function knocks(): Promise<Readonly<Record<string, Knock>>> {
  const stranger = await makeKeyPair()
  return {
    'an expired token': { overrides: { expiredMinutesAgo: 10 } },
    'a forged token': { overrides: { signedBy: stranger.privateKeyPem } },
    'no token at all': { text: 'correct horse battery staple' },
    'an unknown key': { overrides: { header: { kid: 'k-of-a-stranger' } } },
    'an unsigned token': { overrides: { forgery: 'none' } },
    'another issuer': { overrides: { claims: { iss: 'https://issuer.elsewhere.test' } } },
    'another audience': { overrides: { claims: { aud: 'elsewhere' } } },
    'no tenant': { overrides: { claims: { tenant_id: undefined } } },
    'an unknown cluster, a good token': { host: `initech.main.${suffix}` },
    'an unknown cluster, an expired token': { host: `initech.main.${suffix}`, overrides: { expiredMinutesAgo: 10 } },
    'an unknown branch, a good token': { host: `local.nowhere.${suffix}` },
    'an unknown branch, a forged token': { host: `local.nowhere.${suffix}`, overrides: { signedBy: stranger.privateKeyPem } },
    'a branch that is there, for a token of another': { host: `local.feature-x.${suffix}`, overrides: { claims: { branch_id: 'main' } } },
    'an unknown database, a good token': { database: 'elsewhere' },
    'an unknown database, an expired token': { database: 'elsewhere', overrides: { expiredMinutesAgo: 10 } },
  }
}

interface Heard {
  /** Letters and bodies of all messages, and how the stream ended. */
  readonly all: readonly string[]
  readonly sqlstate: string
  readonly ms: number
}

/** From the start-up packet to the end of the stream: what was said, and how long it took. */
async function knock({ stack, mint }: Pick<Trial<'SEC-146'>, 'stack' | 'mint'>, wishes: Knock): Promise<Heard> {
  const { door, role } = stack
  const password = wishes.text ?? (await mint(wishes.overrides))
  await using probe = await openTlsProbe(door, { ca: door.ca, servername: wishes.host ?? door.servername })
  const start = performance.now()
  probe.send(encode.startup({ user: role, database: wishes.database ?? door.database }))
  const asked = await probe.read()
  probe.send(encode.password(password))
  const answer = await probe.read()
  const ending = await probe.ended()
  const ms = performance.now() - start
  const sqlstate = answer.type === 'E' ? decode.errorOf(answer).sqlstate : answer.type
  return { all: [...[asked, answer].map(({ type, body }) => `${type} ${body.toString('hex')}`), ending], sqlstate, ms }
}

const medianOf = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const openedOf = (stack: Stack): number => stack.link('pooler-0').counters.opened

spec('SEC-146', async (trial) => {
  const { stack, gateway, mint, prove, measure } = trial
  const kinds = await knocks()
  const good = await gateway.attempt(await mint())
  const [before, mark] = [openedOf(stack), gateway.mark()]
  const heard = new Map<string, Heard[]>(Object.keys(kinds).map((what) => [what, []]))
  for (let round = 0; round < rounds; round++)
    for (const [what, wishes] of Object.entries(kinds)) heard.get(what)!.push(await answered(knock(trial, wishes), what))
  const after = openedOf(stack)
  const medians = new Map([...heard].map(([what, all]) => [what, medianOf(all.map(({ ms }) => ms))]))
  for (const [what, ms] of medians) measure(`median of ${what}`, ms, 'ms')

  await prove('alike', () => {
    expect(good.ok, 'a login with nothing wrong').toBe(true)
    for (const [what, all] of heard) for (const { sqlstate } of all) expect(sqlstate, what).toBe('28000')
    const first = [...heard.values()][0]?.[0]?.all
    for (const [what, all] of heard) for (const one of all) expect(one.all, `${what}: every byte of the answer`).toEqual(first)
  })
  await prove('nothing-reached', () => expect(after - before, 'connections that reached the pooler').toBe(0))
  await prove('time', () => {
    const [least, most] = [Math.min(...medians.values()), Math.max(...medians.values())]
    expect(most - least, `between medians of ${rounds} interleaved logins each, ms: ${JSON.stringify([...medians])}`).toBeLessThan(bandMs)
  })
  await prove('audited', () => {
    const reasons = new Set(gateway.auditSince(mark).map(({ reason }) => reason))
    expect([...reasons].toSorted()).toEqual(
      expect.arrayContaining(['invalid_signature', 'route_mismatch', 'token_expired', 'unknown_database', 'unknown_key', 'unknown_route']),
    )
  })
})
