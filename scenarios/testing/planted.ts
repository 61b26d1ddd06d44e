/** Anomalies as they would look in a history, one or more for each check; each is put into a history in which all was right. */
import { as, truthOf, type Transfer } from '../effects.ts'
import type { DraftOperation, Made } from './made.ts'

/** Changes the history; returns false where it offers no place for the anomaly. */
export type Plant = (history: Made) => boolean

interface Account {
  id: number
  amount: number
  tags: string[]
}

const find = (history: Made, load: string, kind: string, outcome = 'ok'): DraftOperation | undefined =>
  history.operations.find((operation) => operation.load === load && operation.kind === kind && operation.outcome === outcome)

const accounts = (history: Made): Account[] => truthOf<Account[]>(history, 'transfers')!
const account = (history: Made, id: number): Account => accounts(history).find((one) => one.id === id)!

const without = <T>(from: readonly T[], what: T): T[] => from.filter((one) => one !== what)

function inTransfer(history: Made, outcome: string, change: (transfer: Transfer, operation: DraftOperation) => void): boolean {
  const operation = find(history, 'transfers', 'transfer', outcome)
  if (operation === undefined) return false
  change(as<Transfer>(operation.args), operation)
  return true
}

function onOne(operation: DraftOperation | undefined, change: (operation: DraftOperation) => void): boolean {
  if (operation === undefined) return false
  change(operation)
  return true
}

const last = (history: Made, name: string, value: number): boolean => {
  history.samples = [...history.samples, { atMs: history.endMs, name, where: 'shard 0', value }]
  return true
}

/** Check → kind of finding → what brings it about. */
export const plants: Readonly<Record<string, Readonly<Record<string, Plant>>>> = {
  'acknowledged-writes': {
    'lost-write': (history) =>
      onOne(find(history, 'sets', 'add'), ({ args }) => {
        const [set] = truthOf<{ elements: number[] }[]>(history, 'sets')!
        set!.elements = without(set!.elements, as<{ element: number }>(args).element)
      }),
  },
  'atomic-at-the-end': {
    'half-transaction': (history) =>
      inTransfer(history, 'ok', ({ tag, to }) => (account(history, to).tags = without(account(history, to).tags, tag))),
    'sum-changed': (history) => {
      accounts(history)[0]!.amount++
      return true
    },
  },
  'applied-once': {
    'applied-twice': (history) =>
      inTransfer(history, 'ok', ({ tag, from, to }) => [from, to].forEach((id) => account(history, id).tags.push(tag))),
  },
  'no-phantoms': {
    phantom: (history) =>
      inTransfer(history, 'fail', ({ tag, from, to }) => [from, to].forEach((id) => account(history, id).tags.push(tag))),
    'phantom-read': (history) =>
      inTransfer(history, 'fail', ({ tag }) => {
        const read = find(history, 'transfers', 'read')
        if (read !== undefined) as<Account[]>(read.value)[0]!.tags.push(tag)
      }) && find(history, 'transfers', 'read') !== undefined,
  },
  'list-order': {
    vanished: (history) => {
      const list = truthOf<{ elements: string[] }[]>(history, 'lists')!.find(({ elements }) => elements.length > 0)
      if (list === undefined) return false
      const read = { ...history.operations[0]!, index: history.operations.length, load: 'lists', kind: 'read', outcome: 'ok' as const }
      history.operations.push({ ...read, args: { list: (list as unknown as { list: number }).list }, value: ['never appended'] })
      return true
    },
    reordered: (history) => inLongList(history, (elements) => elements.reverse()),
    duplicated: (history) => inLongList(history, (elements) => elements.push(elements[0]!)),
    'against-time': againstTime,
  },
  'own-writes': {
    'own-write-unseen': (history) =>
      onOne(find(history, 'own-writes', 'write-and-read'), (operation) => (operation.value = { read: 'older' })),
  },
  'one-owner': {
    'two-owners': (history) =>
      onOne(
        history.operations.find(({ kind, sqlstate }) => kind === 'claim' && sqlstate === '23505'),
        (operation) => {
          const { key } = as<{ key: number }>(operation.args)
          const granted = history.operations.some(
            ({ kind, outcome, args }) => kind === 'claim' && outcome === 'ok' && as<{ key: number }>(args).key === key,
          )
          operation.outcome = 'ok'
          if (!granted) history.operations.push({ ...operation, index: history.operations.length })
        },
      ),
  },
  'tenant-isolation': {
    'foreign-row': (history) =>
      onOne(find(history, 'canaries', 'look'), (operation) => (operation.value = { rows: 2, tenants: ['tenant-a', 'tenant-b'] })),
  },
  'answers-in-time': {
    stuck: (history) =>
      onOne(history.operations[0], (operation) =>
        Object.assign(operation, { outcome: 'info', stuck: true, message: 'no answer within 9 ms' }),
      ),
    'told-too-late': (history) => {
      history.budgets = { answerMs: 0 }
      return history.operations.some(({ outcome }) => outcome !== 'ok')
    },
  },
  'retryable-errors': {
    'not-retryable': (history) => onOne(find(history, 'sets', 'add', 'fail'), (operation) => (operation.sqlstate = 'XX000')),
  },
  'nothing-prepared': { 'prepared-left': (history) => last(history, 'prepared', 1) },
  'pool-size': {
    'pool-outgrown': (history) => last(history, 'connections', 6),
    'left-in-transaction': (history) => last(history, 'idle', 1),
  },
  'healthy-again': {
    'not-healthy': (history) => {
      history.fences = [{ atMs: history.endMs, when: 'after', healthy: false, seen: 'nobody answers' }]
      return true
    },
  },
  'one-writer': {
    'two-primaries': (history) => {
      for (const server of truthOf<{ role: string }[]>(history, 'servers')!) server.role = 'primary'
      return true
    },
    'two-writers': twoWriters,
  },
  outage: {
    'never-recovered': (history) => {
      const { process } = history.operations[0]!
      for (const operation of history.operations.filter((one) => one.process === process))
        Object.assign(operation, { outcome: 'fail', sqlstate: '08006', value: null })
      return true
    },
    'outage-too-long': (history) => {
      history.budgets = { outageMs: 0 }
      endEachWell(history)
      return history.operations.some(({ outcome, sqlstate }) => outcome !== 'ok' && sqlstate !== '23505')
    },
    'recovery-too-late': (history) => {
      history.budgets = { recoveryMs: 0 }
      return true
    },
    'failures-too-many': (history) => {
      history.budgets = { failuresPerClient: 0 }
      return find(history, 'sets', 'add', 'fail') !== undefined
    },
  },
  'halves-seen': {
    'half-seen-too-long': (history) => {
      history.budgets = { halvesMs: 0 }
      const read = find(history, 'transfers', 'read')
      const first = find(history, 'transfers', 'transfer')
      if (read === undefined || first === undefined) return false
      const { tag, from, to } = as<Transfer>(first.args)
      read.value = [from, to].map((id) => ({ id, amount: 0, tags: id === from ? [tag] : [], cut: false }))
      return true
    },
  },
}

function inLongList(history: Made, change: (elements: string[]) => void): boolean {
  const read = history.operations.find(
    ({ load, kind, value }) =>
      load === 'lists' && kind === 'read' && as<string[] | null>(value)?.length !== undefined && as<string[]>(value).length > 1,
  )
  if (read === undefined) return false
  const { list } = as<{ list: number }>(read.args)
  change(truthOf<{ list: number; elements: string[] }[]>(history, 'lists')!.find((one) => one.list === list)!.elements)
  return true
}

/** An append that everybody reads at another place than its time. */
function againstTime(history: Made): boolean {
  const appends = history.operations.filter(({ kind, outcome }) => kind === 'append' && outcome === 'ok')
  for (const early of appends) {
    const { list, element } = as<{ list: number; element: string }>(early.args)
    const late = appends.find((one) => as<{ list: number }>(one.args).list === list && one.invokeMs > early.returnMs!)
    if (late === undefined) continue
    const swap = (elements: readonly string[]) => [...without(elements, element), element]
    const truth = truthOf<{ list: number; elements: string[] }[]>(history, 'lists')!.find((one) => one.list === list)!
    truth.elements = swap(truth.elements)
    history.operations = history.operations.filter(
      ({ kind, load, args }) => !(load === 'lists' && kind === 'read' && as<{ list: number }>(args).list === list),
    )
    return true
  }
  return false
}

function twoWriters(history: Made): boolean {
  const writes = history.operations
    .filter(({ kind, outcome }) => kind === 'add' && outcome === 'ok')
    .toSorted((a, b) => a.invokeMs - b.invokeMs)
  const next = (after: number) => writes.find(({ invokeMs }) => invokeMs > after)
  const first = writes[0]
  const second = first && next(first.returnMs!)
  const third = second && next(second.returnMs!)
  if (third === undefined) return false
  history.operations = history.operations.filter(({ invokeMs }) => invokeMs <= third.invokeMs)
  for (const operation of history.operations) operation.seen = {}
  for (const [operation, server] of [
    [first!, 'postgres-0'],
    [second!, 'postgres-0-replica-1'],
    [third, 'postgres-0'],
  ] as const)
    operation.seen = { servers: [server] }
  return true
}

/** So that no outage is open in the end. */
export function endEachWell(history: Made): void {
  history.operations = [...Map.groupBy(history.operations, ({ process }) => process).values()].flatMap((own) =>
    own.slice(0, own.findLastIndex(({ outcome }) => outcome === 'ok') + 1),
  )
}
