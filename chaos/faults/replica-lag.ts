/** A replica takes in the log of its primary and does not replay it: it answers with what was true before. */
import { injectSteps, FaultWithoutEffect, type Fault } from '../fault.ts'
import { loginTo, partFor, placeOf, rowsOf, until } from '../looking.ts'

const name = 'replica-lag'
const behindSql = `select (pg_last_wal_receive_lsn() - pg_last_wal_replay_lsn())::float8 as bytes, pg_get_wal_replay_pause_state() as state where pg_is_in_recovery()`

export default function replicaLag(): Fault {
  return {
    name,
    needs: ['replicas'],
    inject(stack, target, signal) {
      partFor(stack, target, 'postgres', [])
      const replica = loginTo(stack, target)
      const primary = stack.server(placeOf(target).server)
      const behind = async () => (await rowsOf<{ bytes: number; state: string }>(replica, behindSql))[0]
      return injectSteps(target, signal, {
        harm: async () => void (await rowsOf(replica, 'select pg_wal_replay_pause()')),
        async proveApplied() {
          await rowsOf(primary, `select pg_logical_emit_message(false, 'orochi', 'news', true)`).catch(() => [])
          return until(`${target} behind its primary`, async () => {
            const now = await behind()
            return now?.state === 'paused' && now.bytes > 0 ? `${target} is ${now.bytes} bytes of log behind what it has` : null
          }).catch((error: unknown) => {
            throw new FaultWithoutEffect(name, target, 'it replays all it gets', { cause: error })
          })
        },
        async cure() {
          await rowsOf(replica, 'select pg_wal_replay_resume() where pg_is_in_recovery()')
          return until(`${target} where its primary is`, async () =>
            ((await behind())?.bytes ?? 0) === 0 ? `${target} has replayed all it has` : null,
          )
        },
      })
    },
  }
}

export const trial = { targets: ['postgres-0-replica-1'], topology: { replicas: 1 } }
