/** Histories made up from a seed: clients at work side by side on a system that does everything right; and what may be planted in them. */
import { randomFrom } from '../../fixtures/random.ts'
import { pick } from '../rows.ts'
import type { History, Json, Operation, Outcome } from '../history/record.ts'

type Draft<T> = { -readonly [K in keyof T]: T[K] }
export type DraftOperation = Draft<Operation>

/** A history that may be changed. */
export interface Made extends Omit<Draft<History>, 'operations'> {
  operations: DraftOperation[]
}

export interface World {
  readonly accounts: Map<number, { amount: number; tags: string[] }>
  readonly lists: Map<number, string[]>
  readonly sets: Map<number, number[]>
  readonly keys: Map<number, string>
}

const accountIds = [1, 2, 3, 4]
const balance = 100
const tenants = ['tenant-a', 'tenant-b']
const clients = 6

/** `operations` of them by six clients, with one fault healed in the middle; some fail, and of some nobody knows. */
export function madeHistory(seed: string, operations: number, lists = 2): Made {
  const random = randomFrom(seed)
  const world: World = {
    accounts: new Map(accountIds.map((id) => [id, { amount: balance, tags: [] }])),
    lists: new Map(Array.from({ length: lists }, (_, at) => [at + 1, []])),
    sets: new Map([[1, []]]),
    keys: new Map(),
  }
  const clocks = Array.from({ length: clients }, () => random() * 5)
  const planned = Array.from({ length: operations }, (_, turn) => planOne(turn, turn % clients, clocks, random, world))
  for (const { apply } of planned.toSorted((a, b) => a.at - b.at)) apply()
  const done = planned.map(({ operation }) => operation).toSorted((a, b) => a.invokeMs - b.invokeMs)
  done.forEach((operation, index) => (operation.index = index))
  return frame(seed, done, world)
}

interface Planned {
  readonly operation: DraftOperation
  /** The one moment at which it takes effect. */
  readonly at: number
  readonly apply: () => void
}

function planOne(turn: number, process: number, clocks: number[], random: () => number, world: World): Planned {
  const invokeMs = clocks[process]!
  const returnMs = invokeMs + 1 + random() * 8
  clocks[process] = returnMs + random() * 3
  const deed = deedOf(turn, process, random, world)
  const chance = random()
  const outcome: Outcome = chance < 0.9 ? 'ok' : chance < 0.95 ? 'fail' : 'info'
  const applied = outcome === 'ok' || (outcome === 'info' && deed.write !== null && random() < 0.5)
  const operation: DraftOperation = {
    index: turn,
    process,
    load: deed.load,
    kind: deed.kind,
    args: deed.args,
    invokeMs,
    returnMs,
    outcome: deed.write === null && outcome === 'info' ? 'fail' : outcome,
    value: null,
    sqlstate: outcome === 'ok' ? null : '08006',
    message: outcome === 'ok' ? null : 'the connection was lost',
    phase: outcome === 'ok' ? null : 'statement',
    stuck: false,
    seen: { instance: 'gateway-0', servers: ['postgres-0'] },
  }
  const apply = () => {
    if (deed.write !== null && applied && deed.write() === 'refused') Object.assign(operation, { outcome: 'fail', sqlstate: '23505' })
    if (operation.outcome === 'ok') operation.value = deed.read()
  }
  return { operation, at: invokeMs + random() * (returnMs - invokeMs), apply }
}

interface MadeDeed extends Pick<Operation, 'load' | 'kind' | 'args'> {
  /** Null: it only reads. */
  readonly write: (() => 'done' | 'refused') | null
  readonly read: () => Json
}

function deedOf(turn: number, process: number, random: () => number, world: World): MadeDeed {
  const tag = `${process}.${turn}`
  const tenant = tenants[process % 2]!
  const list = pick([...world.lists.keys()], random)
  const nothing = () => null
  const makers: readonly (() => MadeDeed)[] = [
    () => transferOf(tag, random, world),
    () => transferOf(tag, random, world),
    () => ({ load: 'transfers', kind: 'read', args: null, write: null, read: () => accountsOf(world) }),
    () => ({ load: 'lists', kind: 'append', args: { list, element: tag }, write: push(world.lists.get(list)!, tag), read: nothing }),
    () => ({ load: 'lists', kind: 'read', args: { list }, write: null, read: () => [...world.lists.get(list)!] }),
    () => ({ load: 'sets', kind: 'add', args: { set: 1, element: turn }, write: push(world.sets.get(1)!, turn), read: nothing }),
    () => claimOf(Math.floor(turn / 3), tag, world),
    () => ({
      load: 'own-writes',
      kind: 'write-and-read',
      args: { row: process, wrote: tag },
      write: () => 'done',
      read: () => ({ read: tag }),
    }),
    () => ({ load: 'canaries', kind: 'look', args: { tenant }, write: null, read: () => ({ rows: 1, tenants: [tenant] }) }),
  ]
  return pick(makers, random)()
}

function push<T>(into: T[], what: T) {
  return () => {
    into.push(what)
    return 'done' as const
  }
}

function transferOf(tag: string, random: () => number, { accounts }: World): MadeDeed {
  const from = pick(accountIds, random)
  const to = pick(
    accountIds.filter((id) => id !== from),
    random,
  )
  const amount = 1 + Math.floor(random() * 9)
  const write = () => {
    for (const [id, change] of [
      [from, -amount],
      [to, amount],
    ] as const) {
      const account = accounts.get(id)!
      account.amount += change
      account.tags.push(tag)
    }
    return 'done' as const
  }
  return { load: 'transfers', kind: 'transfer', args: { tag, from, to, amount }, write, read: () => null }
}

function claimOf(key: number, owner: string, { keys }: World): MadeDeed {
  const write = () => {
    if (keys.has(key)) return 'refused' as const
    keys.set(key, owner)
    return 'done' as const
  }
  return { load: 'unique-keys', kind: 'claim', args: { key, owner }, write, read: () => null }
}

const newest = 12

function accountsOf({ accounts }: World): Json {
  return [...accounts].map(([id, { amount, tags }]) => ({ id, amount, tags: tags.slice(-newest), cut: tags.length > newest }))
}

function frame(seed: string, operations: DraftOperation[], world: World): Made {
  const endMs = Math.max(0, ...operations.map(({ returnMs }) => returnMs ?? 0)) + 10
  const middle = endMs / 2
  return {
    format: 1,
    scenario: 'made up',
    seed,
    startedAt: '2026-01-01T00:00:00.000Z',
    system: { pooler: 'router' },
    checks: [],
    budgets: {},
    facts: { transfers: { accounts: accountIds.map((id) => ({ id, shard: id % 2 })), balance }, pool: { size: 5, instances: 1 } },
    operations,
    faults: [
      {
        name: 'link-cut',
        target: 'postgres-0',
        injectMs: middle,
        bitesMs: middle,
        healMs: middle,
        healedMs: middle,
        effect: 'cut',
        healing: 'whole',
      },
    ],
    samples: ['connections', 'idle', 'prepared'].map((name) => ({
      atMs: endMs,
      name,
      where: 'shard 0',
      value: name === 'connections' ? 5 : 0,
    })),
    truths: truthsOf(world, endMs),
    fences: [{ atMs: endMs, when: 'after', healthy: true, seen: 'all well' }],
    endMs,
    cutOff: false,
  }
}

function truthsOf({ accounts, lists, sets, keys }: World, atMs: number): Made['truths'] {
  const state = {
    transfers: [...accounts].map(([id, { amount, tags }]) => ({ id, amount, tags })),
    lists: [...lists].map(([list, elements]) => ({ list, elements })),
    sets: [...sets].map(([set, elements]) => ({ set, elements })),
    'unique-keys': [...keys].map(([key, owner]) => ({ key, owner })),
    servers: [
      { server: 'postgres-0', shard: 0, role: 'primary' },
      { server: 'postgres-0-replica-1', shard: 0, role: 'replica' },
    ],
  }
  return Object.entries(state).map(([load, one]) => ({ atMs, load, state: structuredClone(one) as Json }))
}
