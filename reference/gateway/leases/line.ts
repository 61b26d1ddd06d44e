/** A connection to the store on which this gateway is a member: what is asked there counts while its lease runs, and not a moment longer. */
import { randomUUID } from 'node:crypto'
import { Socket } from 'node:net'
import pg from 'pg'
import { bury, enlist, isSetUp, renew, resign, setUp, settle } from './schema.ts'

export interface LineTerms {
  readonly connection: pg.ClientConfig
  readonly name: string
  readonly leaseMs: number
  readonly timeoutMs: number
}

export interface Ask {
  readonly tenant: string
  /** Places that are taken here. */
  readonly held: number
  /** And that are wanted. */
  readonly wanted: number
  /** Of all gateways together. */
  readonly places: number
}

/** Disposing closes it; what is held there is held until the lease runs out, or another line takes it over. */
export interface Line extends Disposable {
  readonly member: string
  /** Fires when there is nothing more to be had from it. */
  readonly broken: AbortSignal
  /** How many of those wanted are given, in the order of the asks, whose tenants differ. Throws when the lease has run out. */
  settle(asks: readonly Ask[]): Promise<readonly number[]>
  /** Throws when the lease has run out. */
  renew(): Promise<void>
  /** Gives everything back at once. */
  resign(): Promise<void>
}

export interface Opening {
  /** The member it was on the line before. */
  readonly before: string | null
  readonly held: ReadonlyMap<string, number>
  /** Ends the attempt. */
  readonly signal: AbortSignal
}

class LeaseLost extends Error {
  constructor() {
    super('the lease has run out')
    this.name = 'LeaseLost'
  }
}

/** Every line is a member of its own, so that what is still on its way on an older one can change nothing any more. */
export async function openLine(terms: LineTerms, { before, held, signal }: Opening): Promise<Line> {
  const { connection, name, leaseMs, timeoutMs } = terms
  const socket = new Socket()
  const client = new pg.Client({
    ...connection,
    stream: () => socket,
    application_name: name,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    statement_timeout: timeoutMs,
    keepAlive: true,
  })
  const breaking = new AbortController()
  const close = (): void => {
    fail(new Error('closed'))
    socket.destroy()
  }
  const fail = (cause: unknown): void => {
    if (!breaking.signal.aborted) breaking.abort(cause)
  }
  client.on('error', fail).on('end', () => fail(new Error('the store closed the connection')))
  const member = randomUUID()
  let certainUntilMs = 0
  /** Counted from before it was asked for: the store's reckoning begins later. */
  const withLease = async (ask: () => Promise<boolean>): Promise<void> => {
    const untilMs = performance.now() + leaseMs
    if (!(await ask())) throw new LeaseLost()
    certainUntilMs = untilMs
  }
  signal.addEventListener('abort', close)
  try {
    await client.connect()
    await makeReady(client)
    await withLease(async () => {
      await client.query(enlist, [before, member, name, leaseMs / 1000, [...held.keys()], [...held.values()]])
      return true
    })
  } catch (cause) {
    close()
    throw cause
  } finally {
    signal.removeEventListener('abort', close)
  }
  return {
    member,
    broken: breaking.signal,
    async settle(asks) {
      const columns = (['tenant', 'held', 'wanted', 'places'] as const).map((key) => asks.map((ask) => ask[key]))
      const { rows } = await client.query<{ given: number[] | null }>({ name: 'settle', text: settle, values: [member, ...columns] })
      const given = rows[0]?.given ?? null
      if (given === null || performance.now() >= certainUntilMs) throw new LeaseLost()
      return given
    },
    async renew() {
      await withLease(async () => (await client.query(renew, [member, leaseMs / 1000])).rowCount === 1)
      await client.query(bury)
    },
    async resign() {
      await client.query(resign, [member])
    },
    [Symbol.dispose]: close,
  }
}

async function makeReady(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(isSetUp)
  if (rows[0]?.there !== true) await client.query(setUp)
}
