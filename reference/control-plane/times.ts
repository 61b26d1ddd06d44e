/** Times as they are configured, by the names they are used by. */
import type { OrderTimes } from './clusters/orders.ts'
import type { ControlPlaneConfig } from './config.ts'

export type Times = OrderTimes & { readonly watchEveryMs: number; readonly statsMs: number; readonly leadMs: number }

export function timesOf(times: ControlPlaneConfig['times']): Times {
  const { wakeMs, suspendMs, deleteMs, callMs, watchMs, ...same } = times
  return {
    ...same,
    wakeTimeoutMs: wakeMs,
    suspendTimeoutMs: suspendMs,
    deleteTimeoutMs: deleteMs,
    callTimeoutMs: callMs,
    watchEveryMs: watchMs,
  }
}
