/** A router that does not know a prepared statement any more when it is executed again. */
import { runFronted } from './kit/fronted.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'does not know a prepared statement any more when it is executed again',
  refutes: { 'CONN-007': ['right', 'none-missing'] },
} satisfies Lie

const bind = 'B'.charCodeAt(0)
/** Type, length, and an empty portal name come before the name of the statement. */
const nameAt = 6

/** A Bind that comes first in its chunk has no Parse before it: it means a statement prepared earlier. */
function forget(chunk: Buffer): Buffer {
  if (chunk[0] === bind && chunk[5] === 0 && chunk[nameAt] !== 0) chunk[nameAt] = '!'.charCodeAt(0)
  return chunk
}

if (import.meta.main) await runFronted(process.argv, { toServer: forget })
