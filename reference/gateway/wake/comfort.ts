/** What a client hears while it waits for its cluster: that it is let in, and then, now and then, what it waits for. */
import type { Duplex } from 'node:stream'
import { encodeBackend, noticeMessage } from '../../wire/index.ts'
import type { Stage } from './flight.ts'

const words: Readonly<Record<Stage, string>> = {
  asking: 'the database sleeps: it is being asked to start up',
  waking: 'the database is starting up: please wait',
  connecting: 'the database has started up: connecting',
}

const letIn = encodeBackend({ kind: 'authentication-ok' })

export class Comfort {
  #isIn = false

  /** Clients take notices only once they are let in, so that is said first: the token was found good. */
  tell(stream: Duplex, stage: Stage): void {
    if (stream.destroyed || stream.writableEnded) return
    const notice = noticeMessage({ severity: 'NOTICE', code: '00000', message: words[stage] })
    stream.write(this.#isIn ? notice : Buffer.concat([letIn, notice]))
    this.#isIn = true
  }

  /** The greeting, without what was said already. */
  rest(greeting: Buffer): Buffer {
    return this.#isIn ? greeting.subarray(letIn.length) : greeting
  }
}
