/** What went wrong with a platform, or here, as it is logged. */
import type { Write } from '../gateway/audit.ts'
import type { ClusterRecord } from './clusters/record.ts'
import type { Metrics } from './metrics.ts'
import type { ProvisionerError } from './provisioner.ts'

const shownBytes = 1000

export function tellTrouble(write: Write, metrics: Metrics): (record: ClusterRecord, trouble: ProvisionerError) => void {
  return ({ id }, { message, retryable, cause }) => {
    metrics.trouble(message.split(':', 1)[0] ?? 'unknown')
    const said = cause instanceof Error ? cause.message.slice(-shownBytes) : undefined
    write(
      'warn',
      { event: 'driver', cluster: id, retryable, fault: message, ...(said === undefined ? {} : { said }) },
      'the driver did not do what it was asked for',
    )
  }
}

export function tellFault(write: Write): (record: ClusterRecord, cause: unknown) => void {
  return ({ id }, cause) =>
    write('error', { event: 'operation', cluster: id, fault: (cause as Error).stack }, 'an operation was interrupted, and is gone on with')
}
