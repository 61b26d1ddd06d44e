/** A gateway that refuses replication also to tokens that allow it. */
import { Refusal, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'refuses replication also to tokens that allow it',
  refutes: { 'SEC-135': ['allowed'] },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    judgeReplication(_token, { replication }) {
      if (replication !== null) throw new Refusal('replication_not_allowed')
    },
  })
}
