/** Links the records of logins, cancel requests and what else concerns access into a chain, and keeps it in a file. */
import { Counter, type Registry } from 'prom-client'
import type { Level, Write } from '../audit.ts'
import { Refusal } from '../reasons.ts'
import type { AuditConfig } from './audit-config.ts'
import { openAuditFile, type AuditFile } from './audit-file.ts'
import { beginning, link, type Tail } from './chain.ts'

export interface AuditLog extends Disposable {
  /** Records that are audited are linked, kept, and logged; others are only logged. */
  readonly write: Write
}

export interface AuditTerms {
  readonly config: AuditConfig
  /** The log. */
  readonly write: Write
  readonly registry: Registry
  readonly now: () => number
  /** Which of the processes on this port it is: each has a chain of its own. */
  readonly number: number
  readonly size: number
}

const audited: ReadonlySet<unknown> = new Set(['login', 'cancel', 'revocation', 'session', 'blocked', 'audit'])
const syncEveryMs = 1000

/** Throws a ConfigError when the file is not to be had. */
export function openAuditLog({ config, write, registry, now, number, size }: AuditTerms): AuditLog {
  const file = config.file === undefined ? null : openAuditFile(size > 1 ? `${config.file}.${number}` : config.file)
  const count = countRecords(registry)
  let tail: Tail = file?.tail ?? beginning
  let lost = 0
  const timer = file !== null && config.sync === 'everySecond' ? setInterval(syncNow, syncEveryMs, file) : undefined
  timer?.unref()

  function keep<R extends object>(record: R): R {
    if (lost > 0 && file !== null) append({ event: 'audit', outcome: 'lost', records: lost })
    lost = 0
    return append(record)
  }

  function append<R extends object>(record: R): R {
    const linked = link({ ...record, at: new Date(now()).toISOString() }, tail)
    file?.append(`${JSON.stringify(linked)}\n`)
    if (config.sync === 'always') file?.sync()
    tail = linked
    count('written')
    return linked
  }

  /** The record as it is; not kept, but never unsaid. */
  function lose(record: object, cause: unknown): void {
    if (lost++ === 0) write('error', { event: 'audit', outcome: 'failed', code: codeOf(cause) }, 'the audit file cannot be written')
    count('lost')
    if (config.onFailure === 'refuse' && isAccepted(record)) throw new Refusal('audit_unavailable')
  }

  const audit: Write = (level: Level, record, message) => {
    if (!isAudited(record)) return write(level, record, message)
    let kept = record
    try {
      kept = keep(record)
    } catch (cause) {
      lose(record, cause)
    }
    write(level, kept, message)
  }
  if (file !== null && file.tornBytes > 0)
    audit('warn', { event: 'audit', outcome: 'mended', bytes: file.tornBytes }, 'a torn last line was cut off')
  return {
    write: audit,
    [Symbol.dispose]() {
      clearInterval(timer)
      if (file === null) return
      syncNow(file)
      file[Symbol.dispose]()
    },
  }
}

/** What cannot be synced will fail to be written, too, and be told then. */
function syncNow(file: AuditFile): void {
  try {
    file.sync()
  } catch {
    // Nothing more can be done about it here.
  }
}

function isAudited(record: object): boolean {
  return audited.has((record as { readonly event?: unknown }).event)
}

function isAccepted(record: object): boolean {
  return (record as { readonly outcome?: unknown }).outcome === 'accepted'
}

function codeOf(cause: unknown): string {
  return (cause as NodeJS.ErrnoException).code ?? 'unknown'
}

function countRecords(registry: Registry): (outcome: 'written' | 'lost') => void {
  const help = 'Audit records by what became of them'
  const counter = new Counter({ name: 'orochi_gateway_audit_records_total', help, labelNames: ['outcome'], registers: [registry] })
  return (outcome) => counter.inc({ outcome })
}
