/** The protocol before a login: requests for encryption, start-up packets, versions, and messages that come too early. */
import { expect } from 'vitest'
import { encode, firstText, openProbe, type Probe } from '../../fixtures/probe.ts'
import type { Stack } from '../../stack/stack.ts'
import { spec } from '../kit.ts'
import { plain, reachedOf, restOf, secured, startupOf, wordsOf } from './knocks.ts'

/** Sends bytes in one segment, or in two with a moment between them, and tells all that came back until the end. */
async function stuff(stack: Stack, bytes: Buffer, at: number): Promise<{ readonly got: string; readonly ended: boolean }> {
  await using probe = await plain(stack)
  probe.sendPartly(bytes, at)
  if (at < bytes.length) await new Promise((resolve) => setTimeout(resolve, 5))
  probe.sendRest()
  const got = await restOf(probe)
  return { got, ended: probe.ending !== null }
}

spec('SEC-129', async ({ stack, mint, prove }) => {
  const behind = Buffer.concat([startupOf(stack), encode.password(await mint())])
  const before = reachedOf(stack)
  const outcomes: Awaited<ReturnType<typeof stuff>>[] = []
  for (const request of [encode.sslRequest(), encode.gssRequest()]) {
    const whole = Buffer.concat([request, behind])
    for (const at of [whole.length, 4, 8, 9]) outcomes.push(await stuff(stack, whole, at))
  }
  await prove('dropped', () => expect(outcomes.filter(({ ended }) => !ended)).toEqual([]))
  // The request itself may be answered when nothing had come behind it yet, and what follows S is a handshake: an alert ends that.
  await prove('unused', () => {
    for (const { got } of outcomes) expect(got).toMatch(/^(?:N?E[^]*08P01[^]*|N?(?:E[^]*28000[^]*)?|S?(?:\x15[^]*)?)$/)
    expect(outcomes.filter(({ got }) => got.includes('R\0\0\0'))).toEqual([])
  })
  await prove('nothing-reached', () => expect(reachedOf(stack)).toBe(before))
})

const length = (value: number, body: Uint8Array = Buffer.alloc(0)): Buffer => {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(value)
  return Buffer.concat([head, body])
}
const whole = (body: Uint8Array): Buffer => length(body.length + 4, body)
const version = Buffer.from([0, 3, 0, 0])
const words = (...texts: readonly string[]): Buffer => Buffer.from(texts.map((text) => `${text}\0`).join(''), 'latin1')

/** Refused wherever they come. */
const unframed: Readonly<Record<string, Buffer>> = {
  ...Object.fromEntries([0, 1, 3, 4, 7].map((size) => [`length ${size}`, length(size, Buffer.alloc(8))])),
  'a code of nobody': whole(Buffer.from('deadbeef', 'hex')),
  '10 001 bytes': whole(Buffer.concat([version, words('user', 'u'.repeat(9_985)), Buffer.alloc(2)])),
  ...Object.fromEntries([0x7fff_ffff, 0x8000_0000, 0xffff_ffff].map((size) => [`length ${size}`, length(size, Buffer.alloc(64))])),
  '5 000 parameters': whole(Buffer.concat([version, ...Array.from({ length: 5_000 }, (_, n) => words(`p${n}`, 'v')), Buffer.alloc(1)])),
  'no last NUL': whole(Buffer.concat([version, words('user', 'tenant_user')])),
  'no NUL at all': whole(Buffer.concat([version, Buffer.from('usertenant_user')])),
  'a name without a value': whole(Buffer.concat([version, words('user'), Buffer.alloc(1)])),
  'bytes behind the end': whole(Buffer.concat([version, words('user', 'tenant_user'), Buffer.alloc(1), Buffer.from('more')])),
  'bytes that are no text': whole(Buffer.concat([version, words('user', '\xff\xfe'), Buffer.alloc(1)])),
}

/** Well framed, and still no start-up packet. */
const unfit: Readonly<Record<string, Buffer>> = {
  'nothing in it': whole(Buffer.concat([version, Buffer.alloc(1)])),
  'an empty name first': whole(Buffer.concat([version, words('', 'v', 'user', 'tenant_user'), Buffer.alloc(1)])),
  'a user twice': whole(Buffer.concat([version, words('user', 'tenant_user', 'user', 'postgres'), Buffer.alloc(1)])),
  'a user twice, in capitals': whole(Buffer.concat([version, words('user', 'tenant_user', 'USER', 'postgres'), Buffer.alloc(1)])),
}

async function tell(opening: Promise<Probe>, bytes: Buffer): Promise<string> {
  const reached = await opening.catch(() => null)
  if (reached === null) return 'nobody there'
  await using probe = reached
  probe.send(bytes)
  return await wordsOf(probe)
}

spec('SEC-130', async ({ stack, mint, gateway, prove }) => {
  const before = reachedOf(stack)
  const answers: [string, string][] = []
  for (const [what, bytes] of Object.entries(unframed)) answers.push([`${what}, in the clear`, await tell(plain(stack), bytes)])
  for (const [what, bytes] of Object.entries({ ...unframed, ...unfit })) answers.push([what, await tell(secured(stack), bytes)])
  await prove('refused', () => expect(answers.filter(([, answer]) => answer !== 'E 08P01' && answer !== '')).toEqual([]))
  await prove('nothing-reached', () => expect(reachedOf(stack)).toBe(before))
  await prove('alive', async () => expect(await gateway.attempt(await mint())).toMatchObject({ ok: true }))
})

/** The start-up packet whole and the question for the token read. */
async function asked(stack: Stack): Promise<Probe> {
  const probe = await secured(stack)
  probe.send(startupOf(stack))
  const { type } = await probe.read()
  expect(type).toBe('R')
  return probe
}

spec('SEC-132', async ({ stack, mint, prove }) => {
  const token = await mint()
  const tooEarly: Readonly<Record<string, Buffer>> = {
    query: encode.query('select 1'),
    parse: encode.parse('', 'select 1'),
    sync: encode.sync(),
    copy: encode.frame('d', Buffer.from('1\n')),
    nobody: encode.frame('~'),
    'a length of nothing': Buffer.from([0x70, 0, 0, 0, 3]),
    'an endless token': Buffer.concat([Buffer.from([0x70, 0x7f, 0xff, 0xff, 0xff]), Buffer.alloc(64)]),
  }
  const before = reachedOf(stack)
  const answers: [string, string][] = []
  for (const [what, bytes] of Object.entries(tooEarly)) {
    await prove('refused', async () => {
      await using probe = await asked(stack)
      probe.send(Buffer.concat([bytes, encode.password(token)]))
      answers.push([what, await wordsOf(probe)])
      expect(answers.at(-1)).toEqual([what, what === 'an endless token' ? 'E 28000' : 'E 08P01'])
    })
  }
  await prove('nothing-reached', () => expect(reachedOf(stack)).toBe(before))
  await prove('left', async () => {
    await using probe = await asked(stack)
    probe.send(encode.terminate())
    expect(await wordsOf(probe)).toBe('')
  })
  await prove('pipelined', async () => {
    await using probe = await asked(stack)
    const long = 'x'.repeat(100_000)
    probe.send(Buffer.concat([encode.password(token), encode.query("select 'first'"), encode.query(`select length('${long}')`)]))
    const [greeting, first, second] = [await probe.answer(), await probe.answer(), await probe.answer()]
    expect([greeting.ok, firstText(first), firstText(second)]).toEqual([true, 'first', '100000'])
  })
})

const ask = { S: encode.sslRequest(), G: encode.gssRequest() } as const

/** What is answered to these requests, letter by letter. */
async function request(stack: Stack, order: readonly (keyof typeof ask)[]): Promise<string> {
  await using probe = await plain(stack)
  let answers = ''
  for (const kind of order) {
    probe.send(ask[kind])
    const answer = await probe.readBytes(1).catch(() => null)
    if (answer === null) return `${answers}!`
    answers += answer.toString('latin1')
  }
  return answers
}

/** What becomes of TLS that nobody asked for. */
async function direct(stack: Stack, alpn: readonly string[]): Promise<string> {
  await using probe = await openProbe(stack.door)
  const { door } = stack
  const facts = await probe.secure({ ca: door.ca, servername: door.servername, alpn }).catch(() => null)
  if (facts === null) return 'refused'
  probe.send(startupOf(stack))
  return (await probe.read().catch(() => null))?.type ?? 'dropped'
}

spec('SEC-133', async ({ stack, prove }) => {
  await prove('once', async () => {
    expect(await request(stack, ['G', 'G'])).toBe('NE')
    await using probe = await secured(stack)
    probe.send(encode.sslRequest())
    expect(await wordsOf(probe), 'TLS within TLS').toBe('E 08P01')
    await using other = await secured(stack)
    other.send(encode.gssRequest())
    expect(await wordsOf(other), 'GSS within TLS').toBe('E 08P01')
  })
  await prove('either-order', async () => {
    expect(await request(stack, ['G', 'S'])).toBe('NS')
    await using probe = await plain(stack)
    expect([await probe.askGss(), await probe.askTls()]).toEqual(['N', 'S'])
    await probe.secure({ ca: stack.door.ca, servername: stack.door.servername })
    probe.send(startupOf(stack))
    expect((await probe.read()).type).toBe('R')
  })
  await prove('alpn', async () => {
    const outcomes = await Promise.all([[], ['http/1.1'], ['http/1.1', 'postgresql'], ['postgresql']].map((alpn) => direct(stack, alpn)))
    expect(outcomes).toEqual(['dropped', 'refused', 'R', 'R'])
  })
})

/** The letters up to the question for the token, and what was negotiated. */
async function speak(stack: Stack, major: number, minor: number, more: Readonly<Record<string, string>> = {}) {
  await using probe = await secured(stack)
  probe.send(startupOf(stack, more, major * 0x1_0000 + minor))
  const first = await probe.read().catch(() => null)
  if (first?.type !== 'v') return { letters: first?.type ?? 'silence', minor: null, options: [] }
  const names = first.body.subarray(8).toString('utf8').split('\0').slice(0, first.body.readInt32BE(4))
  return { letters: `v${(await probe.read().catch(() => null))?.type}`, minor: first.body.readInt32BE(0) & 0xffff, options: names }
}

spec('SEC-134', async ({ stack, mint, prove }) => {
  await prove('negotiated', async () => {
    for (const minor of [3, 9999]) expect(await speak(stack, 3, minor), `3.${minor}`).toEqual({ letters: 'vR', minor: 2, options: [] })
    await using probe = await secured(stack)
    const { door } = stack
    const greased = { user: 'tenant_user', database: door.database, password: await mint(), version: 0x3_270f }
    probe.send(startupOf(stack, {}, greased.version))
    expect((await probe.read()).type).toBe('v')
    expect((await probe.read()).type).toBe('R')
    probe.send(encode.password(greased.password))
    expect((await probe.answer()).ok).toBe(true)
  })
  await prove('spoken', async () => {
    for (const minor of [0, 2]) expect((await speak(stack, 3, minor)).letters, `3.${minor}`).toBe('R')
  })
  await prove('options', async () => {
    const more = { '_pq_.grease': '1', '_pq_.another': 'x' }
    expect(await speak(stack, 3, 2, more)).toEqual({ letters: 'vR', minor: 2, options: ['_pq_.grease', '_pq_.another'] })
  })
  await prove('majors', async () => {
    for (const major of [0, 1, 2, 4, 99]) expect((await speak(stack, major, 0)).letters, `${major}.0`).toBe('E')
  })
})

spec('SEC-135', async ({ mint, gateway, prove }) => {
  const attempt = (token: string, replication: string) => gateway.attempt(token, { startup: { replication } })
  const ways = ['true', 'on', 'yes', '1', 'database', 'DATABASE']
  const strangers = [await mint(), await mint({ claims: { permissions: ['read'] } }), await mint({ claims: { scope: 'replicate' } })]
  await prove('denied', async () => {
    for (const [n, way] of ways.entries()) {
      const refused = { ok: false, sqlstate: '42501', backendsOpened: 0 }
      expect(await attempt(strangers[n % strangers.length]!, way), way).toMatchObject(refused)
    }
  })
  await prove('off', async () => {
    for (const way of ['off', 'false', 'no', '0']) expect(await attempt(strangers[0]!, way), way).toMatchObject({ ok: true })
  })
  await prove('allowed', async () => {
    const outcome = await attempt(await mint({ claims: { permissions: ['read', 'replication'] } }), 'database')
    expect([outcome.backendsOpened, outcome.sqlstate === '42501']).toEqual([1, false])
  })
})
