/** Names made to be read wrongly: by whoever reads the log, by objects that inherit, by whoever counts. */
import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { openTlsProbe, type LoginWish } from '../../fixtures/probe.ts'
import type { Stack } from '../../stack/stack.ts'
import { spec, type Trial } from '../kit.ts'
import type { Attempt } from '../kit/gateway.ts'
import { expectAccepted, expectFatal, expectReason, present } from '../jwt/verdicts.ts'

async function logIn({ door, role }: Stack, password: string, wishes: Partial<LoginWish> = {}) {
  await using probe = await openTlsProbe(door, { ca: door.ca, servername: door.servername })
  const outcome = await probe.logIn({ user: role, database: door.database, password, ...wishes })
  if (outcome.ok) probe.quit()
  return outcome
}

const record =
  '{"level":"info","time":"2020-01-01T00:00:00.000Z","event":"login","outcome":"accepted","sub":"forged","msg":"login accepted"}'

/** What ends a line, moves a cursor, colours, turns text around or ends a string, for different readers. */
const forgeries: Readonly<Record<string, string>> = {
  'a line of its own': `x\n${record}\n`,
  'a line by a carriage return': `x\r${record}\r`,
  'a line of Unicode': `x\u{2028}${record}\u{2029}`,
  'a next line': `x\u{85}${record}\u{85}`,
  'an end of a string': `x","outcome":"accepted","sub":"forged`,
  'a colour': 'x\u{1b}[31mred\u{1b}[0m',
  'a cleared screen': 'x\u{1b}[2J\u{1b}[H',
  'a title': 'x\u{1b}]0;pwned\u{7}',
  'a control of one byte': 'x\u{9b}2J\u{90}q',
  'a backspace': 'admin\b\b\b\b\b',
  'text that turns around': 'x\u{202e}detpecca\u{202c}',
  'a name nobody sees': 'x\u{200b}\u{feff}\u{2060}',
}

async function forge({ stack, mint }: Pick<Trial<'SEC-148'>, 'stack' | 'mint'>): Promise<void> {
  for (const text of Object.values(forgeries)) {
    const wishes: Partial<LoginWish>[] = [
      { user: text },
      { database: text },
      { startup: { application_name: text } },
      { startup: { [text]: 'on' } },
      { startup: { options: `-c ${text.replaceAll(/\s/g, '\\$&')}=1` } },
      { startup: { TimeZone: text } },
    ]
    for (const wish of wishes) await logIn(stack, await mint(), wish)
    await logIn(stack, await mint({ claims: { sub: text } }))
    await logIn(stack, await mint({ claims: { sub: text, tenant_id: text, exp: 1 } }))
  }
}

/** Names for the TLS handshake: what a client's library lets through. */
async function forgeHosts({ door }: Stack): Promise<void> {
  for (const servername of Object.values(forgeries)) {
    const attempt = openTlsProbe(door, { ca: door.ca, servername })
    await attempt.then((probe) => probe[Symbol.asyncDispose]()).catch(() => {})
  }
}

spec('SEC-148', async (trial) => {
  const { stack, gateway, mint, prove } = trial
  const part = stack.part('gateway-0')
  const mark = part.logMark()
  await forge(trial)
  await forgeHosts(stack)
  const last = await gateway.attempt(await mint())
  const lines = part.logSince(mark).map(({ text }) => text)

  await prove('lines', () => {
    expect([last.ok, lines.length >= 8 * Object.keys(forgeries).length], 'a login at the end, and lines to look at').toEqual([true, true])
    for (const line of lines) expect(() => JSON.parse(line) as unknown, `a line of the log: ${line}`).not.toThrow()
  })
  await prove('no-forgery', () => {
    for (const audit of gateway.auditSince(mark)) {
      expect(String(audit['time']), 'the time of a record').not.toMatch(/^2020/)
      expect(audit['sub'], 'the subject of a record').not.toBe('forged')
    }
  })
  await prove('no-control', () => {
    for (const line of lines) {
      expect(line, 'a line of the log').not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
      for (const value of textsIn(JSON.parse(line))) expect(value, `a value in ${line}`).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
    }
  })
})

/** Every text in a record, also those that JSON wrote down by an escape. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

const inherited = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'] as const

/** The claims of a token as text, with one more in front: written as a literal it would set a prototype here and not be sent. */
const withClaim = (token: string, name: string, value: string): string =>
  Buffer.from(token.split('.')[1] ?? '', 'base64url')
    .toString()
    .replace('{', `{"${name}":${value},`)

async function mintPolluted({ mint }: Pick<Trial<'SEC-149'>, 'mint'>, lacking: Readonly<Record<string, undefined>>, value: string) {
  const tokens: Record<string, string> = {}
  for (const name of inherited)
    tokens[`${name}: ${value}`] = await mint({ payloadText: withClaim(await mint({ claims: lacking }), name, value) })
  return tokens
}

/** Series of the gateway's metrics: names with their labels, without values. Those of the runtime come when it pleases, and are few. */
const seriesOf = (text: string): ReadonlySet<string> =>
  new Set(
    text
      .split('\n')
      .filter((line) => line !== '' && !/^(#|nodejs_|process_)/.test(line))
      .map((line) => line.slice(0, line.lastIndexOf(' '))),
  )

spec('SEC-149', async (trial) => {
  const { stack, gateway, mint, prove, measure } = trial
  const holder = '{"sub":"admin","role":"tenant_user","tenant_id":"tenant-z","exp":9999999999}'
  const lacking = await present(trial, await mintPolluted(trial, { sub: undefined }, holder))
  const query = `select orochi.claims() ->> 'sub' as sub, current_setting('orochi.tenant_id', true) as tenant`
  const whole = await present(trial, await mintPolluted(trial, {}, holder), { query })
  const kids = await present(
    trial,
    Object.fromEntries(await Promise.all(inherited.map(async (kid) => [kid, await mint({ header: { kid } })] as const))),
  )
  const roles: Record<string, string> = {}
  for (const role of inherited) roles[role] = await mint({ claims: { role } })
  const asRole: Attempt[] = []
  for (const [user, token] of Object.entries(roles)) asRole.push(await gateway.attempt(token, { user }))
  const later = await present(trial, {
    'no subject': await mint({ claims: { sub: undefined } }),
    'no tenant': await mint({ claims: { tenant_id: undefined } }),
  })
  const plain = await present(trial, { 'a plain token': await mint() }, { query })

  await prove('claims', () => {
    expectFatal([...lacking, ...kids])
    expectReason(lacking, 'missing_claim')
    for (const attempt of asRole) expect([attempt.ok, attempt.sqlstate], attempt.message).toEqual([false, '28000'])
    expectAccepted(whole)
    for (const { what, attempt } of whole) expect(attempt.rows, what).toEqual([{ sub: 'user-1', tenant: 'tenant-a' }])
  })
  await prove('clean', () => {
    expectFatal(later)
    expectReason(later, 'missing_claim')
    expectAccepted(plain)
    expect(plain[0]?.attempt.rows).toEqual([{ sub: 'user-1', tenant: 'tenant-a' }])
  })
  await prove('series', async () => {
    const random = () => `random-${randomUUID().slice(0, 8)}`
    const wishes = async (): Promise<readonly (readonly [string, Partial<LoginWish>])[]> => [
      [await mint({ claims: { tenant_id: random(), sub: random(), jti: random(), branch_id: random() } }), {}],
      [await mint({ claims: { tenant_id: random(), exp: 1 } }), {}],
      [await mint({ claims: { role: random() } }), { user: random() }],
      [await mint({ header: { kid: random() } }), {}],
      [await mint({ claims: { iss: random() } }), {}],
      [await mint(), { database: random() }],
      [await mint(), { startup: { [random().replaceAll('-', '_')]: 'on' } }],
      [await mint(), { startup: { application_name: random() } }],
    ]
    for (const [token, wish] of await wishes()) await logIn(stack, token, wish)
    const before = await gateway.metrics()
    for (let round = 0; round < 12; round++) for (const [token, wish] of await wishes()) await logIn(stack, token, wish)
    const after = await gateway.metrics()
    measure('series of the gateway', seriesOf(after.text).size, 'series')
    expect(
      [...seriesOf(after.text)].filter((series) => !seriesOf(before.text).has(series)),
      'series that came with random names',
    ).toEqual([])
    expect(after.text, 'the metrics').not.toMatch(/random[-_]/)
  })
})
