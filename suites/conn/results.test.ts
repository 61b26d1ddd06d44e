/** Results as they are: whole however large, and in the format that was asked for. */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { expect } from 'vitest'
import {
  answered,
  binary,
  decode,
  encode,
  faultOf,
  openProbe,
  ProbeError,
  type Answer,
  type BinaryType,
  type Probe,
} from '../../fixtures/probe.ts'
import type { Stack } from '../../stack/stack.ts'
import { wish } from '../kit.ts'
import { openRaw } from './raw.ts'

const spec = wish({})

/** Rows of about a kilobyte, one in a thousand of 160; the text differs in every row. */
const largeSql = (rows: number): string =>
  `select i, repeat(md5(i::text), case when i % 1000 = 0 then 5000 else 33 end) as body from generate_series(1, ${rows}) i`

const manyRows = 12_000
const hugeRows = 180_000

/** What a whole result comes to. */
interface Reading {
  readonly rows: number
  readonly bytes: number
  readonly sha256: string
  /** What went wrong before its end. */
  readonly fault: string
}

/** Reads a result row by row and keeps none of it; a pause right after the first row leaves the rest in the pipe. */
async function readByProbe(probe: Probe, sql: string, pauseMs = 0): Promise<Reading> {
  const hash = createHash('sha256')
  let [rows, bytes, fault] = [0, 0, 'cut off']
  probe.send(encode.query(sql))
  try {
    for (let message = await probe.read(30_000); message.type !== 'Z'; message = await probe.read(30_000)) {
      if (message.type === 'E') fault = decode.errorOf(message).message
      if (message.type === 'C') fault = ''
      if (message.type !== 'D') continue
      hash.update(message.body)
      rows++
      bytes += message.body.length
      if (rows === 1 && pauseMs > 0) await pause(probe, pauseMs)
    }
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error
    fault = error.message
  }
  return { rows, bytes, sha256: hash.digest('hex'), fault }
}

async function pause(probe: Probe, pauseMs: number): Promise<void> {
  probe.stall(true)
  await sleep(pauseMs)
  probe.stall(false)
}

/** Straight to the server, by the same client. */
async function openDirect(stack: Stack): Promise<Probe> {
  const { user, password, database, ...address } = stack.app(0)
  const probe = await openProbe(address)
  const login = await probe.logIn({ user, password, database })
  if (!login.ok) throw new Error(`no direct login: ${login.error?.message ?? login.trouble?.message}`)
  return probe
}

type Rows = readonly { readonly i: number; readonly body: string }[]

function readingOf(rows: Rows): Reading {
  const hash = createHash('sha256')
  for (const { i, body } of rows) hash.update(`${i}:${body};`)
  return { rows: rows.length, bytes: rows.reduce((sum, { body }) => sum + body.length, 0), sha256: hash.digest('hex'), fault: '' }
}

const byPg = async (client: pg.Client, sql: string): Promise<Reading> => readingOf((await client.query(sql)).rows as Rows)

const failed = (error: Error): Reading => ({ rows: -1, bytes: -1, sha256: '', fault: error.message })

/** The most memory each part had beyond what it had at first, until stopped. */
async function watchMemory(stack: Stack): Promise<{ stop(): Promise<ReadonlyMap<string, number>> }> {
  const parts = [...stack.parts('gateway'), ...stack.parts('pooler')].filter((part) => part.figures !== undefined)
  const grown = new Map<string, number>()
  const first = new Map<string, number>()
  for (const part of parts) first.set(part.name, (await part.figures!()).residentBytes)
  const stopping = new AbortController()
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      for (const part of parts)
        grown.set(part.name, Math.max(grown.get(part.name) ?? 0, (await part.figures!()).residentBytes - first.get(part.name)!))
      await sleep(50)
    }
  })()
  return {
    async stop() {
      stopping.abort()
      await watching
      return grown
    },
  }
}

spec('CONN-009', async (trial) => {
  const { stack, connect, postgres, mint, prove, measure } = trial
  await using direct = await openDirect(stack)
  const expected = { many: await readByProbe(direct, largeSql(manyRows)), huge: await readByProbe(direct, largeSql(hugeRows)) }
  const app = await connect({ direct: 'app' })
  const expectedByPg = await byPg(app, largeSql(manyRows))
  const token = await mint()
  const pgReading = answered(
    connect({ token }).then((client) => byPg(client, largeSql(manyRows))),
    'pg',
    30_000,
  ).catch(failed)
  const jsReading = answered(
    postgres({ token }).then(async (sql) => readingOf((await sql.unsafe(largeSql(manyRows))) as unknown as Rows)),
    'postgres.js',
    30_000,
  ).catch(failed)
  const drivers = { pg: await pgReading, 'postgres.js': await jsReading }
  const probe = await openRaw(trial).catch((error: Error) => error)
  const read = (sql: string, pauseMs?: number) => (probe instanceof Error ? failed(probe) : readByProbe(probe, sql, pauseMs))
  const many = await read(largeSql(manyRows))
  const memory = await watchMemory(stack)
  const huge = await read(largeSql(hugeRows), 1_500)
  const grown = await memory.stop()
  if (!(probe instanceof Error)) probe.quit()
  measure('result', expected.huge.bytes, 'bytes')
  for (const [part, bytes] of grown) measure(`memory_growth_${part}`, bytes, 'bytes')

  await prove('rows', () => {
    expect(expected.many.rows, 'rows of the direct read').toBe(manyRows)
    expect(expected.many.bytes, 'bytes of the direct read').toBeGreaterThan(10e6)
    for (const [who, reading] of Object.entries(drivers)) expect([reading.rows, reading.fault], who).toEqual([manyRows, ''])
    expect([many.rows, many.fault], 'probe').toEqual([manyRows, ''])
    expect([huge.rows, huge.fault], 'probe that pauses').toEqual([hugeRows, ''])
  })
  await prove('checksum', () => {
    for (const [who, { sha256 }] of Object.entries(drivers)) expect(sha256, who).toBe(expectedByPg.sha256)
    expect([many.sha256, many.bytes], 'probe').toEqual([expected.many.sha256, expected.many.bytes])
    expect([huge.sha256, huge.bytes], 'probe that pauses').toEqual([expected.huge.sha256, expected.huge.bytes])
  })
  await prove('memory', () => {
    expect(huge.bytes, 'bytes that came through while memory was watched').toBe(expected.huge.bytes)
    expect([...grown.keys()]).toEqual(expect.arrayContaining(['gateway-0', 'pooler-0']))
    for (const [part, bytes] of grown) expect(bytes, `bytes by which ${part} grew`).toBeLessThan(expected.huge.bytes / 2)
  })
})

/** Values of one type, and how its text format is read back. */
interface Samples<T> {
  readonly type: BinaryType<T>
  readonly values: readonly T[]
  readText(text: string): T
}

const samples = <T>(type: BinaryType<T>, values: readonly T[], readText: (text: string) => T): Samples<unknown> =>
  ({ type, values, readText }) as Samples<unknown>

const between = (random: () => number, low: bigint, high: bigint): bigint =>
  low + BigInt(Math.floor(random() * 2 ** 52)) * ((high - low) >> 52n)
const bytesOf = (random: () => number, length: number): Buffer => Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)))
const hexUuid = (random: () => number): string =>
  bytesOf(random, 16)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

/** Microseconds since 1970 from what Postgres prints in UTC; Date.parse stops at milliseconds. */
function microsOf(text: string): bigint {
  const [, seconds = '', fraction = ''] = /^([\d-]+ [\d:]+)(?:\.(\d+))?\+00$/.exec(text) ?? []
  return BigInt(Date.parse(`${seconds.replace(' ', 'T')}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0'))
}

function allSamples(random: () => number): readonly Samples<unknown>[] {
  const [least8, most8] = [-(2n ** 63n), 2n ** 63n - 1n]
  const times = [
    0n,
    -1n,
    1n,
    946_684_800_000_000n,
    946_684_799_999_999n,
    1_700_000_000_123_456n,
    -2_208_988_800_000_001n,
    253_402_300_799_999_999n,
  ]
  const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
  return [
    samples(binary.int2, [-32768, -1, 0, 1, 256, 32767, Number(between(random, -32768n, 32767n))], Number),
    samples(binary.int4, [-(2 ** 31), -1, 0, 1, 65536, 2 ** 31 - 1, Math.floor((random() - 0.5) * 2 ** 32)], Number),
    samples(binary.int8, [least8, -1n, 0n, 1n, 2n ** 53n + 1n, most8, between(random, least8, most8)], BigInt),
    samples(binary.timestamptz, [...times, between(random, 0n, 4n * 10n ** 15n)], microsOf),
    samples(
      binary.uuid,
      ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', hexUuid(random), hexUuid(random)],
      String,
    ),
    samples(binary.bytea, [Buffer.alloc(0), Buffer.from([0]), everyByte, bytesOf(random, 100_000)], (text) =>
      Buffer.from(text.replace(/^\\x/, ''), 'hex'),
    ),
  ]
}

/** One value there and back, in binary both ways and in text on the way back; `form` is what the server says it sent. */
interface Trip {
  readonly type: string
  readonly sent: unknown
  readonly back: unknown
  readonly text: unknown
  readonly form: readonly number[]
}

const shown = (value: unknown): unknown =>
  Buffer.isBuffer(value) ? `${value.length} bytes ${createHash('sha256').update(value).digest('hex')}` : value

/** Text and binary of the same value in one row, so that each column must keep its own format. */
async function travel(probe: Probe, { type, readText }: Samples<unknown>, value: unknown, name: string): Promise<Trip> {
  const execution = { values: [type.encode(value)], valueFormats: [1], resultFormats: [1, 0], described: true } as const
  const answer =
    name === ''
      ? await probe.extended(`select $1::${type.sqlName} as b, $1::${type.sqlName} as t`, [type.oid], execution)
      : await probe.execute(name, execution)
  const [bytes, text] = answer.rows[0] ?? []
  const form = answer.columns.map(({ format }) => format)
  return {
    type: type.sqlName,
    sent: shown(value),
    back: shown(readBack(type, bytes, answer)),
    text: shown(text ? textBack(readText, text.toString()) : faultOf(answer)),
    form,
  }
}

/** The value, or in words why there is none: bytes of the wrong length are text most likely. */
function readBack(type: BinaryType<unknown>, bytes: Buffer | null | undefined, answer: Answer): unknown {
  if (!bytes) return `nothing: ${faultOf(answer)}`
  try {
    return type.decode(bytes)
  } catch (error) {
    return `${(error as Error).message}: ${bytes.toString('latin1').slice(0, 60)}`
  }
}

/** What a text says, or the text itself when it does not belong to the type. */
function textBack(readText: (text: string) => unknown, text: string): unknown {
  try {
    return readText(text)
  } catch {
    return `not readable: ${text.slice(0, 60)}`
  }
}

/** Every value by an unnamed statement and by one prepared under a name. */
async function travelAll(probe: Probe, all: readonly Samples<unknown>[]): Promise<readonly Trip[]> {
  const trips: Trip[] = []
  for (const one of all) {
    const name = `binary_${one.type.sqlName}`
    await probe.prepare(name, `select $1::${one.type.sqlName} as b, $1::${one.type.sqlName} as t`, [one.type.oid])
    for (const value of one.values) trips.push(await travel(probe, one, value, ''), await travel(probe, one, value, name))
  }
  return trips
}

/** pg sends bytes as binary parameters but reads results as text only (its parser makes strings of all that comes). */
const textOnly = { getTypeParser: () => String } as unknown as pg.CustomTypesConfig

/** A value that pg sends in binary and reads in text. */
async function travelByPg(client: pg.Client, { type, readText }: Samples<unknown>, value: unknown): Promise<Omit<Trip, 'back' | 'form'>> {
  const query: pg.QueryConfig = { text: `select $1::${type.sqlName} as v`, values: [type.encode(value)], types: textOnly }
  const { rows } = await answered(client.query<{ v: string }>(query), `pg, ${type.sqlName}`)
  return { type: type.sqlName, sent: shown(value), text: shown(textBack(readText, rows[0]?.v ?? '')) }
}

spec('CONN-010', async (trial) => {
  const { connect, mint, random, prove, attach } = trial
  const all = allSamples(random)
  const startup = { TimeZone: 'UTC', DateStyle: 'ISO' }
  const trips = (async () => {
    await using probe = await openRaw(trial)
    for (const [name, value] of Object.entries(startup)) await probe.query(`set ${name} to '${value}'`)
    return await travelAll(probe, all)
  })()
  const known = await trips.then(
    (list) => list,
    (error: unknown) => error as Error,
  )
  attach(
    'trips.json',
    JSON.stringify(known, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value), 1),
  )
  const everyTrip = () => {
    if (!Array.isArray(known)) throw known
    return known as readonly Trip[]
  }

  await prove('as-sent', () => {
    for (const { type, sent, back, form } of everyTrip()) {
      expect(back, `${type}, in binary`).toEqual(sent)
      expect(form, `${type}: the formats that were asked for`).toEqual([1, 0])
    }
  })
  await prove('as-text', async () => {
    for (const { type, back, text } of everyTrip()) expect(back, `${type}, in binary as in text`).toEqual(text)
    const client = await answered(connect({ token: await mint() }), 'pg')
    for (const [name, value] of Object.entries(startup)) await answered(client.query(`set ${name} to '${value}'`), 'pg')
    for (const one of all) {
      for (const value of one.values) {
        const { type, sent, text } = await travelByPg(client, one, value)
        expect(text, `${type}, sent in binary by pg and read as text`).toEqual(sent)
      }
    }
  })
})
