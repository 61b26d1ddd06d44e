/** The cancel keys of the clients: minted here, since process ids of several servers collide, and known only here. */
import { randomBytes, randomInt, timingSafeEqual } from 'node:crypto'

export interface CancelKey {
  readonly processId: number
  readonly secret: Buffer
}

export class Keys<T> {
  readonly #holders = new Map<number, { readonly secret: Buffer; readonly holder: T }>()

  /** `secretBytes`: 4 for protocol 3.0, up to 256 from 3.2 on. */
  mint(holder: T, secretBytes: number): CancelKey {
    let processId = randomInt(1, 0x7fff_ffff)
    while (this.#holders.has(processId)) processId = randomInt(1, 0x7fff_ffff)
    const secret = randomBytes(secretBytes)
    this.#holders.set(processId, { secret, holder })
    return { processId, secret }
  }

  forget(processId: number): void {
    this.#holders.delete(processId)
  }

  /** Who holds this very key, or null. */
  find({ processId, secret }: CancelKey): T | null {
    const found = this.#holders.get(processId)
    if (!found || found.secret.length !== secret.length || !timingSafeEqual(found.secret, secret)) return null
    return found.holder
  }
}
