/** A gateway that looks for a key in the file that a token names by its kid. */
import { readFile } from 'node:fs'
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'looks for a key in the file that a token names by its kid',
  refutes: {
    'JWT-105': ['no-file'],
    'SEC-013': ['no-fetch'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    checkHeader(token) {
      const id = token.header.get('kid')
      if (typeof id === 'string' && id.startsWith('/')) readFile(id, () => {})
      pieces.checkHeader(token)
    },
  })
}
