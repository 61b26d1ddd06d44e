/** A router that reads from the replicas in turn, where a session asked for one. */
import { honestPieces, runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'reads from the replicas in turn, where a session asked for one',
  refutes: { 'RW-008': ['same'] },
} satisfies Lie

if (import.meta.main)
  await runRouter(process.argv, { chooseServer: (wish, choice) => honestPieces.chooseServer(wish, { ...choice, last: undefined }) })
