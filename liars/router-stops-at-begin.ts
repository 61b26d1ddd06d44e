/** A router that takes BEGIN for the whole of a message that goes on behind it. */
import { runFronted } from './kit/fronted.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'takes BEGIN for the whole of a message that goes on behind it',
  refutes: { 'CONN-101': ['answered', 'done'] },
} satisfies Lie

/** The text behind becomes white space, so that the message keeps its length. */
function cutBehindBegin(chunk: Buffer): Buffer {
  const text = chunk.toString('latin1')
  return Buffer.from(
    text.replace(/(begin;)([^\0]+)/i, (_, begin: string, rest: string) => begin + ' '.repeat(rest.length)),
    'latin1',
  )
}

if (import.meta.main) await runFronted(process.argv, { toServer: cutBehindBegin })
