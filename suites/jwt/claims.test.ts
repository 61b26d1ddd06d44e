/** Claims reach the session exactly as they were signed: in type, in content, and in number. */
import * as fc from 'fast-check'
import { expect } from 'vitest'
import { spec, type Trial } from '../kit.ts'

const rich = {
  branch_id: 'feature-7',
  email: 'ann@orochi.test',
  empty: '',
  blank: ' ',
  word: 'plain',
  unicode: 'Zürich – 東京 – 🐉 – \u00a0',
  quotes: `it's "quoted" and 'quoted' ""`,
  backslashes: '\\ \\n \\u0041 C:\\temp\\ $$ %s',
  control: 'tab\tline\nreturn\rbell\u0007',
  dashC: '-c orochi.tenant_id=other -c=x +plus',
  long: 'x'.repeat(700),
  zero: 0,
  negative: -17,
  fraction: 0.1,
  tiny: 5e-324,
  huge: 1.7976931348623157e308,
  safest: Number.MAX_SAFE_INTEGER,
  yes: true,
  no: false,
  nothing: null,
  list: ['a', 1, 1.5, true, null, [], {}, ['deep', ['deeper', { deepest: [0] }]]],
  emptyList: [],
  emptyRecord: {},
  app_metadata: {
    tenant_id: 'tenant-of-the-app',
    'a.b': 1,
    'a b': 2,
    'quote"': 3,
    roles: ['reader', 'writer'],
    limits: { rows: 10, ratio: 0.25 },
  },
}

/** Numbers whose digits a re-serialisation would change, written as an issuer may write them. */
const exactNumbers =
  '"big":12345678901234567890123,"beyond_int8":18446744073709551616,"one":1.0,"exponent":1e3,"cents":10.10,"minus_zero":-0'

/** Every leaf of a JSON text by its path; numbers by the digits they were written with, containers by being empty. */
function leavesOf(text: string): ReadonlyMap<string, string> {
  const leaves = new Map<string, string>()
  const walk = (value: unknown, path: readonly (string | number)[]) => {
    const where = JSON.stringify(path)
    if (value instanceof Digits) return void leaves.set(where, `number ${value.text}`)
    if (typeof value !== 'object' || value === null)
      return void leaves.set(where, `${value === null ? 'null' : typeof value} ${JSON.stringify(value)}`)
    const inner = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
    if (inner.length === 0) leaves.set(where, Array.isArray(value) ? 'empty list' : 'empty record')
    for (const [key, part] of inner) walk(part, [...path, key])
  }
  walk(parseExactly(text), [])
  return leaves
}

class Digits {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type ParseWithSource = (text: string, reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown) => unknown

/** What is no JSON has no leaves: the claims are then dropped, which is for the clauses to say. */
function parseExactly(text: string): unknown {
  try {
    return (JSON.parse as ParseWithSource)(text, (_, value, { source }) => (typeof value === 'number' ? new Digits(source ?? '') : value))
  } catch {
    return undefined
  }
}

/** What a session knows of its claims. */
const sessionSql = `select current_setting('request.jwt.claims', true) as claims, current_setting('request.jwt.claim.sub', true) as sub,
  current_setting('request.jwt.claim.email', true) as email, current_setting('request.jwt.claim.tenant_id', true) as claim_tenant,
  current_setting('orochi.tenant_id', true) as tenant, current_setting('orochi.branch_id', true) as branch,
  orochi.tenant_id() as verified_tenant, orochi.user_id() as verified_user, orochi.claims() as verified`

interface Session {
  readonly signed: string
  readonly claims: string
  readonly row: Readonly<Record<string, unknown>>
  readonly failure: string | undefined
}

/** What a session says of its tenant, by three ways, of its branch and of its user. */
const seen = ({ row }: Session): readonly unknown[] => [
  row['tenant'],
  row['claim_tenant'],
  row['verified_tenant'],
  row['branch'],
  row['verified_user'],
]

async function sessionOf(
  { gateway, mint }: Pick<Trial<'JWT-010'>, 'gateway' | 'mint'>,
  overrides: Parameters<typeof mint>[0],
): Promise<Session> {
  const token = await mint(overrides)
  const attempt = await gateway.attempt(token, { query: sessionSql })
  const row = attempt.rows?.[0] ?? {}
  const signed = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()
  return { signed, claims: String(row['claims'] ?? ''), row, failure: attempt.message }
}

/** A session variable carries 4000 bytes of ASCII at most; the claims that are always there need some of them. */
const escapedLength = (value: unknown): number => JSON.stringify(value).replaceAll(/[^ -~]/g, '\\u0000').length

/** Records that random issuers may sign; a NUL has no place in a Postgres text. */
function randomClaims(seed: number, count: number): readonly Record<string, unknown>[] {
  const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((name) => !name.includes('\0') && name !== '__proto__')
  const text = fc.string({ unit: 'grapheme', maxLength: 30 }).filter((value) => !value.includes('\0'))
  const leaf = fc.oneof(text, fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null))
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }))
  const claims = fc
    .dictionary(key, value, { minKeys: 1, maxKeys: 6, noNullPrototype: true })
    .filter((extra) => escapedLength(extra) < 2_500)
  return fc.sample(claims, { seed, numRuns: count }).map((extra) => ({ extra }))
}

spec('JWT-010', async (trial) => {
  const { stack, random, prove, attach } = trial
  const { issuer, audience } = stack.issuer
  const now = Math.floor(Date.now() / 1000)
  const mandatory = { iss: issuer, aud: audience, sub: 'user-7', role: 'tenant_user', tenant_id: 'tenant-b', iat: now, exp: now + 3600 }
  const exact = `{ "note" : "spaces and \\u00fc\\/\\u2013 escapes" , ${exactNumbers},${JSON.stringify({ ...mandatory, branch_id: 'b-1' }).slice(1)}`
  const full = await sessionOf(trial, { claims: { ...rich, sub: 'user-full', tenant_id: 'tenant-a' } })
  const bare = await sessionOf(trial, { claims: { sub: 'user-bare', tenant_id: 'tenant-b' } })
  const written = await sessionOf(trial, { payloadText: exact })
  const sessions = [full, bare, written]
  for (const claims of randomClaims(Math.floor(random() * 2 ** 31), 6)) sessions.push(await sessionOf(trial, { claims }))
  attach(
    'claims.json',
    JSON.stringify(
      sessions.map(({ signed, claims, failure }) => ({ signed, claims, failure })),
      null,
      2,
    ),
  )
  const leaves = sessions.map(({ signed, claims }) => ({ signed: leavesOf(signed), received: leavesOf(claims) }))

  await prove('equal', () => {
    for (const { signed, received } of leaves) for (const [path, value] of signed) expect(received.get(path), path).toBe(value)
    expect(full.row['verified'], 'the claims the database has verified').toMatchObject({
      sub: 'user-full',
      tenant_id: 'tenant-a',
      branch: 'feature-7',
    })
  })
  await prove('tenant-and-branch', () => {
    expect(seen(full)).toEqual(['tenant-a', 'tenant-a', 'tenant-a', 'feature-7', 'user-full'])
    expect(seen(written)).toEqual(['tenant-b', 'tenant-b', 'tenant-b', 'b-1', 'user-7'])
    expect(seen(bare), 'a token without branch_id means the branch main').toEqual(['tenant-b', 'tenant-b', 'tenant-b', 'main', 'user-bare'])
    expect(leaves[0]?.received.get('["tenant_id"]')).toBe('string "tenant-a"')
    expect(leaves[0]?.received.get('["branch_id"]')).toBe('string "feature-7"')
  })
  await prove('nothing-added', () => {
    for (const { signed, received } of leaves) expect([...received.keys()].filter((path) => !signed.has(path))).toEqual([])
    // Sessions take turns on the same server connections: a claim of one must not stay for the next.
    expect([full.row['email'], bare.row['email'] ?? '', written.row['email'] ?? '']).toEqual(['ann@orochi.test', '', ''])
    expect(sessions.map(({ row }) => row['sub'])).toEqual(['user-full', 'user-bare', 'user-7', ...sessions.slice(3).map(() => 'user-1')])
  })
  await prove('nothing-dropped', () => {
    for (const [index, { signed, received }] of leaves.entries()) {
      expect(
        [...signed.keys()].filter((path) => !received.has(path)),
        sessions[index]?.failure ?? 'claims that are not in the session',
      ).toEqual([])
    }
  })
})
