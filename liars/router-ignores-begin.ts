/** A router that takes BEGIN for an empty statement, so that everything is committed at once. */
import { replaceEvery, runFronted } from './kit/fronted.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'takes BEGIN for an empty statement, so that everything is committed at once',
  refutes: { 'CONN-008': ['no-dirty-read', 'no-trace'] },
} satisfies Lie

const nothing = '     \0'

if (import.meta.main)
  await runFronted(process.argv, { toServer: (chunk) => replaceEvery(replaceEvery(chunk, 'BEGIN\0', nothing), 'begin\0', nothing) })
