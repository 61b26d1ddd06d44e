/** One record for each order and for each stranger who was sent away, linked into a chain as the gateway's are. */
import { Counter, type Registry } from 'prom-client'
import type { Write } from '../../gateway/audit.ts'
import type { AuditConfig } from '../../gateway/audit-log/audit-config.ts'
import { openAuditFile } from '../../gateway/audit-log/audit-file.ts'
import { beginning, link, type Tail } from '../../gateway/audit-log/chain.ts'

export interface OrderRecord {
  readonly event: 'order'
  readonly outcome: 'accepted' | 'refused'
  readonly reason?: string
  readonly subject: string | null
  readonly method: string
  readonly path: string
  readonly request: string
  readonly remote: string
}

/** Throws when it cannot be written down and is not to be done then. */
export type WriteAudit = (record: OrderRecord) => void

export interface AuditLog extends Disposable {
  readonly write: WriteAudit
}

export class AuditUnavailable extends Error {}

const syncEveryMs = 1000

/** Throws a ConfigError when the file is not to be had. */
export function openAuditLog(config: AuditConfig, write: Write, registry: Registry, now: () => number): AuditLog {
  const file = config.file === undefined ? null : openAuditFile(config.file)
  const counter = new Counter({
    name: 'orochi_control_plane_audit_records_total',
    help: 'Audit records by what became of them',
    labelNames: ['outcome'],
    registers: [registry],
  })
  let tail: Tail = file?.tail ?? beginning
  const timer = file !== null && config.sync === 'everySecond' ? setInterval(syncNow, syncEveryMs) : undefined
  timer?.unref()

  function syncNow(): void {
    try {
      file?.sync()
    } catch {
      // The next record will not be written either, and tell.
    }
  }

  return {
    write(record) {
      const linked = link({ ...record, at: new Date(now()).toISOString() }, tail)
      try {
        file?.append(`${JSON.stringify(linked)}\n`)
        if (config.sync === 'always') file?.sync()
        tail = linked
        counter.inc({ outcome: 'written' })
        write('info', linked, record.outcome === 'accepted' ? 'an order was taken' : 'somebody was sent away')
      } catch (cause) {
        counter.inc({ outcome: 'lost' })
        write(
          'error',
          { event: 'audit', outcome: 'failed', code: (cause as NodeJS.ErrnoException).code ?? 'unknown' },
          'the audit file cannot be written',
        )
        if (config.onFailure === 'refuse' && record.outcome === 'accepted')
          throw new AuditUnavailable('the order cannot be written down', { cause })
      }
    },
    [Symbol.dispose]() {
      clearInterval(timer)
      if (file === null) return
      syncNow()
      file[Symbol.dispose]()
    },
  }
}
