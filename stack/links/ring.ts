/** The last few messages of a link. */
import type { LinkMessage } from '../stack.ts'

export interface Ring {
  add(message: LinkMessage): void
  /** The oldest first. */
  recent(): readonly LinkMessage[]
}

export function makeRing(capacity: number): Ring {
  const slots: LinkMessage[] = []
  let added = 0
  return {
    add(message) {
      slots[added % capacity] = message
      added++
    },
    recent: () => (added <= capacity ? [...slots] : [...slots.slice(added % capacity), ...slots.slice(0, added % capacity)]),
  }
}
