/** Lies in wait for a message on a link, and freezes the link at the very moment the message is to pass. */
import type { LinkMessage, Trap, TrapWish } from '../stack.ts'
import type { Faults } from './faults.ts'

export interface SetTrap extends Trap {
  /** Called for each message before it goes on. */
  look(message: LinkMessage): void
}

export interface TrapHooks {
  readonly faults: Faults
  /** Ends all connections of the link by a reset. */
  readonly reset: () => Promise<void>
  readonly gone: (trap: SetTrap) => void
}

export function setTrap({ direction, match, nth = 1, how = 'freeze' }: TrapWish, { faults, reset, gone }: TrapHooks): SetTrap {
  const { promise: sprung, resolve, reject } = Promise.withResolvers<LinkMessage>()
  sprung.catch(() => {})
  let met = 0
  let hold: AsyncDisposable | null = null
  const open = async () => {
    gone(trap)
    reject(new Error(`${match} did not pass ${nth} time(s): ${met} seen`))
    await hold?.[Symbol.asyncDispose]()
  }
  const trap: SetTrap = {
    sprung,
    get met() {
      return met
    },
    look(message) {
      if (message.direction !== direction || !match.test(message.text) || ++met !== nth) return
      if (how === 'freeze') hold = faults.add({ held: true })
      resolve(message)
    },
    release: open,
    async drop() {
      await reset()
      await open()
    },
    [Symbol.asyncDispose]: open,
  }
  return trap
}
