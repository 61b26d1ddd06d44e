/** Gives each session a cancel key of the gateway's own, and knows for whom one that comes back is meant. */
import { randomBytes, randomInt, timingSafeEqual } from 'node:crypto'
import type { CancelRoute } from './cancel-route.ts'
import { seal, unseal } from './sealed-key.ts'

export interface CancelKey {
  readonly processId: number
  readonly secret: Buffer
}

/** Disposing of it ends the key, with the session. */
export interface IssuedKey extends CancelKey, Disposable {}

export interface DeskTerms {
  /** Which of the processes on this port it is: that is in each key, so that the others know where to pass it on. */
  readonly number: number
  readonly size: number
  readonly now: () => number
}

/** `elsewhere`: another process on this port may know it. */
export type Found = { readonly kind: 'known'; readonly route: CancelRoute } | { readonly kind: 'elsewhere'; readonly number: number }

export interface Desk {
  /** `sealingKey`: for clients that take long keys. */
  issue(route: CancelRoute, sealingKey: Buffer | null): IssuedKey
  find(key: CancelKey, sealingKey: Buffer): Found | null
  /** Sessions whose keys are good. */
  readonly size: number
}

interface Entry {
  readonly secret: Buffer
  readonly route: CancelRoute
}

/** The low bits of the process id say which process gave it out. */
const numberBits = 8
const highest = 2 ** (31 - numberBits)
/** A key that another gateway opens cannot be seen to be dead there: it dies of age. */
const sealedForMs = 7 * 24 * 3_600_000
const shortBytes = 4
const longBytes = 32

export function openDesk({ number, size, now }: DeskTerms): Desk {
  const entries = new Map<number, Entry>()
  const by = randomBytes(9).toString('base64url')

  function freeId(): number {
    for (;;) {
      // Never 0, and never negative: drivers take it for a process id.
      const id = randomInt(1, highest) * 2 ** numberBits + number
      if (!entries.has(id)) return id
    }
  }

  return {
    get size() {
      return entries.size
    },
    issue(route, sealingKey) {
      const processId = freeId()
      const sealed = sealingKey && seal({ ...route, by, until: now() + sealedForMs }, processId, sealingKey)
      const secret = sealed ?? randomBytes(sealingKey === null ? shortBytes : longBytes)
      entries.set(processId, { secret, route })
      return { processId, secret, [Symbol.dispose]: () => void entries.delete(processId) }
    },
    find({ processId, secret }, sealingKey) {
      const entry = entries.get(processId)
      if (isSame(secret, entry?.secret)) return { kind: 'known', route: entry!.route }
      const sealed = unseal(secret, processId, sealingKey)
      // One of ours that is not among the entries is over.
      if (sealed !== null) return sealed.by !== by && now() < sealed.until ? { kind: 'known', route: sealed } : null
      const giver = processId & (2 ** numberBits - 1)
      return entry === undefined && giver !== number && giver < size ? { kind: 'elsewhere', number: giver } : null
    },
  }
}

/** Takes as long for a key that is there as for one that is not. */
function isSame(secret: Buffer, expected: Buffer | undefined): boolean {
  const against = expected?.length === secret.length ? expected : secret
  return timingSafeEqual(secret, against) && against === expected
}
