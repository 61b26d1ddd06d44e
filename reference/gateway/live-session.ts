/** A session that can be ended from within: by a word where one can be said, else by closing it. */
import type { Duplex } from 'node:stream'
import { errorMessage, noticeMessage } from '../wire/index.ts'
import { sayFarewell } from './farewell.ts'
import { Refusal, type Reason, type ReasonTable } from './reasons.ts'
import { Tail } from './tail.ts'
import type { VerifiedToken } from './verify.ts'

export type Ending = Extract<Reason, 'session_revoked' | 'session_expired'>

interface Streams {
  readonly client: Duplex
  readonly upstream: Duplex & { readonly bytesWritten?: number }
  readonly tail: Tail
}

export interface LiveSessionTerms {
  readonly reasons: ReasonTable
  /** Called once, when it is ended from within. `told`: the client was sent a message. */
  readonly onEnded: (why: Ending, told: boolean) => void
}

export class LiveSession {
  readonly #terms: LiveSessionTerms
  /** For those who wait for its early end; nobody does once it is open, and what they held must not stay. */
  #waiting: PromiseWithResolvers<never> | null = Promise.withResolvers<never>()
  #token: VerifiedToken | null = null
  #streams: Streams | null = null
  #ended: Ending | null = null
  #left = false
  #warned = false

  constructor(terms: LiveSessionTerms) {
    this.#terms = terms
    // Nobody may be waiting when it is ended.
    this.#waiting?.promise.catch(() => {})
  }

  /** Null until a token was found good. */
  get token(): VerifiedToken | null {
    return this.#token
  }

  /** True once its connection is over: a check of its token that comes to an end after that is nobody's. */
  get left(): boolean {
    return this.#left
  }

  leave(): void {
    this.#left = true
  }

  belongTo(token: VerifiedToken): void {
    this.#token = token
  }

  /** Rejects with a Refusal when it is ended before it was opened. */
  get endedEarly(): Promise<never> {
    return this.#waiting?.promise ?? new Promise(() => {})
  }

  /** From here on bytes are passed on; call it when the pump has begun, so that a chunk is passed on before it is looked at. */
  open(client: Duplex, upstream: Streams['upstream']): void {
    const tail = new Tail(() => upstream.bytesWritten ?? 0)
    this.#streams = { client, upstream, tail }
    this.#waiting = null
    upstream.on('data', (chunk: Buffer) => tail.see(chunk))
    // Ended at the very moment its login was complete.
    if (this.#ended !== null) void close(this.#streams, this.#message(this.#ended))
  }

  end(why: Ending): void {
    if (this.#ended !== null) return
    this.#ended = why
    const told = this.#streams === null || this.#streams.tail.atRest
    this.#terms.onEnded(why, told)
    if (this.#streams === null) this.#waiting?.reject(new Refusal(why))
    else void close(this.#streams, told ? this.#message(why) : null)
  }

  /** At once if no transaction is open, else as soon as it has ended. */
  endWhenIdle(why: Ending): void {
    if (this.#streams === null || this.#streams.tail.idle) return this.end(why)
    this.#streams.tail.onIdle = () => this.end(why)
  }

  /** Once, if a message can be sent at the moment. */
  warn(message: string): void {
    if (this.#warned || this.#streams?.tail.atRest !== true) return
    this.#warned = true
    this.#streams.client.write(noticeMessage({ severity: 'NOTICE', code: '01000', message }))
  }

  #message(why: Ending): Buffer {
    const { sqlstate, wording } = this.#terms.reasons[why]
    return errorMessage({ severity: 'FATAL', code: sqlstate, message: wording })
  }
}

/** Nothing more goes either way. Between two messages an error can be put; within one it would be taken for a part of it. */
async function close({ client, upstream }: Streams, message: Buffer | null): Promise<void> {
  for (const stream of [client, upstream]) stream.removeAllListeners('data')
  if (message !== null) {
    upstream.end()
    await sayFarewell(client, message)
  }
  client.destroy()
  upstream.destroy()
}
