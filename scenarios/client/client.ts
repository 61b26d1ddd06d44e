/** A client that writes down what it does: each operation with its outcome, under a deadline, and never tried twice. */
import type pg from 'pg'
import type { Json, Operation, Phase, Result, Seen } from '../history/record.ts'
import type { HistoryBook } from '../history/write.ts'
import { NoAnswer, resultOf, RolledBack, type Effect } from './classify.ts'
import type { Answer, Connect, Connection } from './driver.ts'

/** One way in: a gateway, or the one balanced address before several. */
export interface Place {
  readonly instance: string
  config(): Promise<pg.ClientConfig>
}

/** What an operation may do with the connection. */
export interface Session {
  /** One statement; outside of `transaction` it commits by itself. */
  query(text: string, values?: readonly unknown[]): Promise<Answer>
  /** BEGIN, the body's statements, COMMIT. */
  transaction<T>(body: () => Promise<T>): Promise<T>
  /** Who answered, as rows with `pid` and `port` tell it. */
  saw(rows: Answer['rows']): void
}

export interface Deed extends Pick<Operation, 'load' | 'kind' | 'args'> {
  readonly effect: Effect
  /** On a connection of its own: one that is there is closed first. */
  readonly fresh?: boolean
  act(session: Session): Promise<Json>
}

export interface RecordingClient extends AsyncDisposable {
  readonly process: number
  perform(deed: Deed): Promise<Result>
}

export interface ClientOptions {
  readonly book: HistoryBook
  readonly process: number
  /** Tried in turn, beginning with that of its own number: whoever fails one goes to the next. */
  readonly places: readonly Place[]
  readonly connect: Connect
  /** For one operation, with connecting, ms. */
  readonly deadlineMs: number
  /** Name of the server that listens on a port. */
  serverAt(port: number): string
}

export function openClient(options: ClientOptions): RecordingClient {
  const { book, process, places, connect, deadlineMs, serverAt } = options
  let connection: Connection | null = null
  let tried = process

  const place = () => places[tried % places.length]!
  const drop = () => {
    connection?.destroy()
    connection = null
    tried++
  }
  const open = async (): Promise<Connection> => {
    if (connection !== null) return connection
    const turn = tried
    const opened = await connect({ ...(await place().config()), connectionTimeoutMillis: deadlineMs })
    if (turn === tried) return (connection = opened)
    // It came after the client had given up.
    opened.destroy()
    throw new Error('connected too late')
  }
  const leave = async () => {
    const left = connection
    connection = null
    if (left !== null) await within(2_000, left.end(), () => left.destroy()).catch(() => {})
  }
  const attempt = async (deed: Deed, state: State): Promise<Json> => {
    const opened = await open()
    return deed.act(sessionOn(opened, state, serverAt))
  }
  return {
    process,
    async perform(deed) {
      const { load, kind, args } = deed
      if (deed.fresh === true) await leave()
      const index = book.invoke({ process, load, kind, args })
      const state: State = { phase: 'connect', backends: new Set(), servers: new Set() }
      const { instance } = place()
      const result = await within(deadlineMs, attempt(deed, state), drop).then(
        (value): Result => ({ outcome: 'ok', value }),
        (error: unknown) => resultOf(error, state.phase, deed.effect),
      )
      // A connection that failed an operation may be in any state.
      if (result.outcome !== 'ok') drop()
      const told = { ...result, seen: seenBy(instance, state) }
      book.return(index, told)
      return told
    },
    [Symbol.asyncDispose]: leave,
  }
}

interface State {
  phase: Phase
  readonly backends: Set<number>
  readonly servers: Set<string>
}

function seenBy(instance: string, { backends, servers }: State): Seen {
  return {
    instance,
    ...(backends.size === 0 ? {} : { backends: [...backends] }),
    ...(servers.size === 0 ? {} : { servers: [...servers] }),
  }
}

function sessionOn(connection: Connection, state: State, serverAt: (port: number) => string): Session {
  let inTransaction = false
  return {
    query(text, values) {
      state.phase = inTransaction ? 'before-commit' : 'statement'
      return connection.query(text, values)
    },
    async transaction(body) {
      inTransaction = true
      state.phase = 'before-commit'
      await connection.query('begin')
      const value = await body()
      state.phase = 'commit'
      const { command } = await connection.query('commit')
      if (command !== 'COMMIT') throw new RolledBack()
      inTransaction = false
      return value
    },
    saw(rows) {
      for (const { pid, port } of rows) {
        if (typeof pid === 'number') state.backends.add(pid)
        if (typeof port === 'number') state.servers.add(serverAt(port))
      }
    },
  }
}

/** The value, or NoAnswer once the time is over; `giveUp` takes away what it waits for. */
async function within<T>(limitMs: number, promise: Promise<T>, giveUp: () => void): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new NoAnswer(limitMs))
      giveUp()
    }, limitMs)
  })
  // What comes after the deadline is nobody's.
  promise.catch(() => {})
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
