/** Passes bytes between two streams, both ways, as they come: no more is held than the streams' own buffers, and each end is passed on by itself. */
import type { Duplex } from 'node:stream'

export interface PumpTerms {
  /** How long a client may keep its half open after the upstream ended. */
  readonly lingerMs: number
}

/** Resolves with the side that ended first once both streams are closed; it never rejects. */
export type Pump = (client: Duplex, upstream: Duplex, terms: PumpTerms) => Promise<'client' | 'upstream'>

export const pump: Pump = async (client, upstream, { lingerMs }) => {
  const first = Promise.race([ended(client, 'client' as const), ended(upstream, 'upstream' as const)])
  flow(client, upstream)
  flow(upstream, client)
  const closed = Promise.all([closing(client, upstream), closing(upstream, client)])
  const linger = lingerAfter(upstream, client, lingerMs)
  await closed
  linger[Symbol.dispose]()
  return await first
}

function flow(from: Duplex, to: Duplex): void {
  from.on('data', (chunk: Buffer) => {
    if (!to.write(chunk)) from.pause()
  })
  to.on('drain', () => from.resume())
  const finish = () => to.end()
  // A stream that ended while the login went on does not say so again.
  if (from.readableEnded) finish()
  else from.once('end', finish)
  from.resume()
}

function ended<T>(stream: Duplex, side: T): Promise<T> {
  if (stream.readableEnded || stream.destroyed) return Promise.resolve(side)
  return new Promise((resolve) => {
    for (const event of ['end', 'error', 'close']) stream.once(event, () => resolve(side))
  })
}

/** A stream that breaks takes the other with it; one that ends in order does not. */
function closing(stream: Duplex, other: Duplex): Promise<void> {
  stream.on('error', () => other.destroy())
  if (stream.destroyed) {
    other.destroy()
    return Promise.resolve()
  }
  return new Promise((resolve) => {
    stream.once('close', () => {
      if (!stream.readableEnded) other.destroy()
      resolve()
    })
  })
}

/** A client that never ends its half would keep the session for ever. */
function lingerAfter(upstream: Duplex, client: Duplex, lingerMs: number): Disposable {
  let timer: NodeJS.Timeout | undefined
  upstream.once('end', () => {
    timer = setTimeout(() => client.destroy(), lingerMs)
  })
  return { [Symbol.dispose]: () => clearTimeout(timer) }
}
