/** The figures of a history: outage and recovery of each client, halves that readers saw, errors by kind, and service before, during and after. */
import { as, isServed, type Transfer } from './effects.ts'
import type { History, Operation } from './history/record.ts'

export interface Outage {
  readonly process: number
  /** From the beginning of the first failed operation to the end of the next good one, or to the end of the history. */
  readonly fromMs: number
  readonly ms: number
  /** False: no good operation came any more. */
  readonly over: boolean
  readonly operations: readonly number[]
}

export function outagesOf(history: History): readonly Outage[] {
  return [...Map.groupBy(history.operations, ({ process }) => process)].flatMap(([process, operations]) => {
    const outages: Outage[] = []
    let failed: Operation[] = []
    const close = (endMs: number, over: boolean, last: readonly Operation[]) => {
      if (failed.length === 0) return
      const fromMs = failed[0]!.invokeMs
      outages.push({ process, fromMs, ms: endMs - fromMs, over, operations: [...failed, ...last].map(({ index }) => index) })
      failed = []
    }
    for (const operation of operations) {
      if (isServed(operation)) close(operation.returnMs!, true, [operation])
      else if (operation.returnMs !== null) failed.push(operation)
    }
    close(history.endMs, false, [])
    return outages
  })
}

export interface Recovery {
  readonly process: number
  readonly fault: string
  /** From the moment the fault was seen healed to the end of the client's first good operation after it. */
  readonly ms: number
  readonly operations: readonly number[]
}

/** A client whose operation went on well through the healing has recovered at once. */
export function recoveriesOf({ faults, operations, endMs }: History): readonly Recovery[] {
  const clients = [...Map.groupBy(operations, ({ process }) => process)]
  return faults.flatMap(({ name, target, healedMs }) => {
    if (healedMs === null) return []
    return clients.map(([process, own]) => {
      const first = own.find((operation) => isServed(operation) && operation.returnMs! >= healedMs)
      const ms = (first?.returnMs ?? endMs) - healedMs
      return { process, fault: `${name} on ${target}`, ms, operations: first === undefined ? [] : [first.index] }
    })
  })
}

export interface Half {
  readonly tag: string
  /** From the beginning of the first read that saw one half to the end of the last one. */
  readonly ms: number
  /** The transfer, and the reads. */
  readonly operations: readonly number[]
}

interface ReadAccount {
  readonly id: number
  readonly tags: readonly string[]
  readonly cut: boolean
}

export function halvesOf({ operations }: History): readonly Half[] {
  const transfers = new Map(
    operations.filter(({ kind }) => kind === 'transfer').map((operation) => [as<Transfer>(operation.args).tag, operation]),
  )
  const seen = new Map<string, Operation[]>()
  for (const read of operations.filter(({ load, kind, outcome }) => load === 'transfers' && kind === 'read' && outcome === 'ok'))
    for (const tag of halvesIn(as<ReadAccount[]>(read.value), transfers)) {
      const reads = seen.get(tag)
      if (reads === undefined) seen.set(tag, [read])
      else reads.push(read)
    }
  return [...seen].map(([tag, reads]) => ({
    tag,
    ms: Math.max(...reads.map(({ returnMs }) => returnMs!)) - Math.min(...reads.map(({ invokeMs }) => invokeMs)),
    operations: [transfers.get(tag)!.index, ...reads.map(({ index }) => index)],
  }))
}

function halvesIn(accounts: readonly ReadAccount[], transfers: ReadonlyMap<string, Operation>): readonly string[] {
  const byId = new Map(accounts.map((account) => [account.id, { ...account, has: new Set(account.tags) }]))
  return accounts.flatMap(({ id, tags }) =>
    tags.filter((tag) => {
      const transfer = transfers.get(tag)
      if (transfer === undefined) return false
      const { from, to } = as<Transfer>(transfer.args)
      const other = byId.get(from === id ? to : from)
      return other !== undefined && !other.has.has(tag) && reachesBack(other, transfer, transfers)
    }),
  )
}

/** Only the newest notes are read: they tell of a transfer if one of them was acknowledged before it began. */
function reachesBack({ cut, tags }: ReadAccount, transfer: Operation, transfers: ReadonlyMap<string, Operation>): boolean {
  if (!cut) return true
  return tags.some((tag) => {
    const older = transfers.get(tag)
    return older?.outcome === 'ok' && older.returnMs! < transfer.invokeMs
  })
}

export interface Service {
  readonly operations: number
  readonly ok: number
  readonly fail: number
  readonly info: number
  /** Acknowledged operations per second. */
  readonly perSecond: number
}

export interface Summary {
  readonly before: Service
  /** From the first fault's beginning until the last was healed. */
  readonly during: Service
  readonly after: Service
  readonly longestOutageMs: number
  readonly slowestRecoveryMs: number
  readonly longestHalfMs: number
  /** SQLSTATE, or what the client saw, → how often. */
  readonly errors: Readonly<Record<string, number>>
}

export function summaryOf(history: History): Summary {
  const from = Math.min(history.endMs, ...history.faults.map(({ injectMs }) => injectMs))
  const to = Math.max(from, ...history.faults.map(({ healedMs }) => healedMs ?? history.endMs))
  return {
    before: serviceOf(history, 0, from),
    during: serviceOf(history, from, to),
    after: serviceOf(history, to, history.endMs + 1),
    longestOutageMs: longest(outagesOf(history)),
    slowestRecoveryMs: longest(recoveriesOf(history)),
    longestHalfMs: longest(halvesOf(history)),
    errors: errorsOf(history),
  }
}

const longest = (figures: readonly { readonly ms: number }[]): number => Math.round(Math.max(0, ...figures.map(({ ms }) => ms)))

/** Operations that began in this span. */
function serviceOf({ operations }: History, fromMs: number, toMs: number): Service {
  const own = operations.filter(({ invokeMs }) => invokeMs >= fromMs && invokeMs < toMs)
  const count = (outcome: Operation['outcome']) => own.filter((operation) => operation.outcome === outcome).length
  const ok = count('ok')
  const perSecond = toMs > fromMs ? Math.round((ok * 10_000) / (toMs - fromMs)) / 10 : 0
  return { operations: own.length, ok, fail: count('fail'), info: count('info'), perSecond }
}

function errorsOf({ operations }: History): Readonly<Record<string, number>> {
  const wrong = operations.filter(({ outcome }) => outcome !== 'ok')
  const named = Map.groupBy(wrong, ({ sqlstate, message }) => sqlstate ?? message ?? 'never returned')
  return Object.fromEntries([...named].map(([name, ones]) => [name, ones.length]))
}
