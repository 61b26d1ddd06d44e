/** What may befall the traffic of a link at this moment; several faults can hold at once, each heals when disposed of. */
import { randomFrom } from '../../fixtures/random.ts'
import type { Direction } from './decode.ts'

export interface Faults {
  /** New connections are reset, and nothing passes. */
  readonly refused: boolean
  /** What befalls bytes that go this way. */
  way(direction: Direction): WayFaults
  /** Adds one fault; disposing takes it away again, once. */
  add(fault: Fault): AsyncDisposable
}

export interface WayFaults {
  /** Nothing passes, and nothing is lost: what was sent waits. */
  readonly held: boolean
  /** Nothing passes, and what was sent is lost. */
  readonly dark: boolean
  /** How long the next chunk waits before it goes on, ms; drawn anew each time it is asked for. */
  delayMs(): number
  /** Bytes that may pass now; when none may, how long until some may. */
  allowance(): { readonly bytes: number; readonly waitMs: number }
  /** So many bytes have passed. */
  passed(bytes: number): void
  /** Faults that end a connection once so many of its bytes have passed. */
  readonly limits: readonly Fault[]
}

export interface Fault {
  /** Left out: both ways. */
  readonly direction?: Direction
  readonly refused?: boolean
  readonly held?: boolean
  readonly dark?: boolean
  readonly delayMs?: number
  /** Up to so much is added to the delay, by chance. */
  readonly jitterMs?: number
  readonly seed?: string
  /** Of all connections of the link together, each way. */
  readonly bytesPerSecond?: number
  readonly resetAfterBytes?: number
}

/** What passes at once under a limit of bandwidth. */
const portionMs = 20

/** No fault yet; `onChange` is called after every change. */
export function noFaults(onChange: () => void): Faults {
  const active = new Map<Fault, () => number>()
  const ways = { 'to-server': wayOf('to-server', active), 'to-client': wayOf('to-client', active) }
  return {
    get refused() {
      return active.size > 0 && [...active.keys()].some((fault) => fault.refused === true)
    },
    way: (direction) => ways[direction],
    add(wish) {
      const fault = { ...wish }
      active.set(fault, randomFrom(wish.seed ?? 'jitter'))
      onChange()
      return {
        async [Symbol.asyncDispose]() {
          if (active.delete(fault)) onChange()
        },
      }
    },
  }
}

function wayOf(direction: Direction, active: ReadonlyMap<Fault, () => number>): WayFaults {
  const here = () => [...active.keys()].filter((fault) => fault.direction === undefined || fault.direction === direction)
  const some = (is: (fault: Fault) => boolean | undefined) => active.size > 0 && here().some((fault) => is(fault) === true)
  const rate = () => (active.size === 0 ? Infinity : Math.min(...here().map(({ bytesPerSecond }) => bytesPerSecond ?? Infinity)))
  let freeAt = 0
  return {
    get held() {
      return some(({ held, refused }) => held === true || refused === true)
    },
    get dark() {
      return some(({ dark }) => dark)
    },
    delayMs: () => (active.size === 0 ? 0 : here().reduce((sum, fault) => sum + (fault.delayMs ?? 0) + jitterOf(fault, active), 0)),
    allowance() {
      const most = rate()
      const waitMs = freeAt - performance.now()
      if (most === Infinity) return { bytes: Infinity, waitMs: 0 }
      return waitMs > 0.5 ? { bytes: 0, waitMs } : { bytes: Math.max(1, Math.floor((most * portionMs) / 1000)), waitMs: 0 }
    },
    passed(bytes) {
      const most = rate()
      if (most !== Infinity) freeAt = Math.max(freeAt, performance.now()) + (bytes * 1000) / most
    },
    get limits() {
      return active.size === 0 ? [] : here().filter(({ resetAfterBytes }) => resetAfterBytes !== undefined)
    },
  }
}

const jitterOf = (fault: Fault, active: ReadonlyMap<Fault, () => number>): number => (fault.jitterMs ?? 0) * (active.get(fault)?.() ?? 0)
