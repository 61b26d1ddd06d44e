/** Passes bytes between two streams, both ways, as they come: no more is held than the streams' own buffers, and each end is passed on by itself. */
import type { Duplex } from 'node:stream'
import { passedOn } from './sweep-young.ts'

export interface PumpTerms {
  /** How long a client may keep its half open after the upstream ended. */
  readonly lingerMs: number
}

/** Resolves with the side that ended first once both streams are closed; it never rejects. */
export type Pump = (client: Duplex, upstream: Duplex, terms: PumpTerms) => Promise<'client' | 'upstream'>

type Side = 'client' | 'upstream'

/** Few objects and no promise per direction: most sessions of a pooler's clients do nothing, and there are many. */
export const pump: Pump = (client, upstream, { lingerMs }) =>
  new Promise((resolve) => {
    let first: Side | null = null
    let open = 2
    let linger: NodeJS.Timeout | undefined
    const onEnd = (side: Side, to: Duplex) => {
      first ??= side
      to.end()
      // A client that never ends its half would keep the session for ever.
      if (side === 'upstream') linger ??= setTimeout(() => client.destroy(), lingerMs)
    }
    const onClose = (side: Side, from: Duplex, to: Duplex) => {
      first ??= side
      // A stream that breaks takes the other with it; one that ends in order does not.
      if (!from.readableEnded) to.destroy()
      if (--open > 0) return
      clearTimeout(linger)
      resolve(first)
    }
    const flow = (side: Side, from: Duplex, to: Duplex) => {
      from.on('data', (chunk: Buffer) => {
        if (!to.write(chunk)) from.pause()
        passedOn(chunk.length)
      })
      to.on('drain', () => from.resume())
      from.on('end', () => onEnd(side, to))
      from.on('error', () => {
        first ??= side
        to.destroy()
      })
      from.on('close', () => onClose(side, from, to))
    }
    flow('client', client, upstream)
    flow('upstream', upstream, client)
    begin('client', client, upstream)
    begin('upstream', upstream, client)

    /** What ended or broke while the login went on does not say so again. */
    function begin(side: Side, from: Duplex, to: Duplex): void {
      if (from.closed) onClose(side, from, to)
      else if (from.readableEnded) onEnd(side, to)
      else if (from.destroyed) to.destroy()
      from.resume()
    }
  })
