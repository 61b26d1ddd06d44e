/** Reads one message at a time from a socket: logins are conversations, unlike what follows them. */
import type { Socket } from 'node:net'
import { Framer, type Frame } from '../wire/index.ts'

/** The peer hung up before the conversation was over. */
export class HungUp extends Error {
  constructor() {
    super('the connection was closed by the other side')
    this.name = 'HungUp'
  }
}

/** A stranger who talks ahead of his turn is read up to here. */
const mostPendingBytes = 64 * 1024

export interface Conversation {
  readonly framer: Framer
  /** Aborts when the connection ends, also while nobody reads. */
  readonly hungUp: AbortSignal
  /** The next message; rejects with the socket's error, a HungUp or a ProtocolViolation. One call at a time. */
  next(): Promise<Frame>
  /** Stops listening; what came and was not read stays in the framer, and the socket is paused. */
  leave(): void
}

export function converse(socket: Socket, framer: Framer): Conversation {
  let waiting: { resolve: (frame: Frame) => void; reject: (error: Error) => void } | null = null
  let over: Error | null = null
  const hangUp = new AbortController()

  const settle = (): void => {
    if (!waiting) return
    const { resolve, reject } = waiting
    try {
      const frame = framer.next()
      if (!frame && !over) return
      waiting = null
      if (frame) resolve(frame)
      else reject(over ?? new HungUp())
    } catch (error) {
      waiting = null
      reject(error as Error)
    }
  }
  const onData = (chunk: Buffer): void => {
    framer.push(chunk)
    settle()
    if (!waiting && framer.pending > mostPendingBytes) socket.pause()
  }
  const onError = (error: Error): void => {
    over ??= error
    hangUp.abort(over)
    settle()
  }
  const onClose = (): void => onError(new HungUp())
  socket.on('data', onData).on('error', onError).on('end', onClose).on('close', onClose)
  return {
    framer,
    hungUp: hangUp.signal,
    next: () =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        settle()
        if (waiting && !over) socket.resume()
      }),
    leave() {
      socket.pause()
      socket.off('data', onData).off('error', onError).off('end', onClose).off('close', onClose)
    },
  }
}
