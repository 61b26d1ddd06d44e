/** A gateway that believes whoever speaks like a proxy, and lets proxies that say nothing in under their own address. */
import { peekByte } from '../reference/gateway/peek.ts'
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'believes whoever speaks like a proxy, and lets proxies that say nothing in',
  refutes: { 'SEC-144': ['untrusted', 'required'] },
} satisfies Lie

const firstOfHeader = 0x0d

if (import.meta.main)
  await run(process.argv, {
    async arrive(socket, door, attempt) {
      const speaks = (await peekByte(socket)) === firstOfHeader
      return pieces.arrive(socket, { ...door, proxies: { has: () => speaks } }, attempt)
    },
  })
