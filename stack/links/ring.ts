/** The last few messages of a link. */
import type { LinkMessage } from '../stack.ts'

export interface Ring {
  add(message: LinkMessage): void
  recent(): readonly LinkMessage[]
}

export function makeRing(capacity: number): Ring {
  const slots: LinkMessage[] = []
  let next = 0
  return {
    add(message) {
      slots[next % capacity] = message
      next++
    },
    recent: () => (next <= capacity ? [...slots] : [...slots.slice(next % capacity), ...slots.slice(0, next % capacity)]),
  }
}
