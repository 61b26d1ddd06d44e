/** A router that changes a bit in every value it passes on. */
import { runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'changes a bit in every value it passes on',
  refutes: { 'CONN-010': ['as-sent', 'as-text'], 'CONN-001': ['value'], 'CONN-009': ['checksum'] },
} satisfies Lie

if (import.meta.main) {
  await runRouter(process.argv, {
    passResult(frame) {
      const bytes = Buffer.from(frame.bytes)
      if (frame.type === 'D'.charCodeAt(0) && bytes.length > 11) bytes[bytes.length - 1]! ^= 1
      return bytes
    },
  })
}
