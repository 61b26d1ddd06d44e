/** What each write has left behind, as the truth at the end tells it: the common ground of several checks. */
import type { History, Json, Operation } from './history/record.ts'

export interface Effect {
  readonly operation: Operation
  /** The places where it must show if it was applied, and how often it shows in each. */
  readonly places: readonly { readonly where: string; readonly times: number }[]
}

/** Loads whose truth is not there (a history that was cut off) have no effects: nothing can be said of them. */
export function effectsOf(history: History): readonly Effect[] {
  return Object.entries(readers).flatMap(([load, read]) => {
    const truth = truthOf(history, load)
    return truth === null
      ? []
      : read(
          history.operations.filter((operation) => operation.load === load),
          truth,
        )
  })
}

export function truthOf<T = Json>(history: History, load: string): T | null {
  return (history.truths.findLast((truth) => truth.load === load)?.state as T | undefined) ?? null
}

/** Args and values are JSON that the load itself has written. */
export const as = <T>(value: Json): T => value as unknown as T

export interface Transfer {
  readonly tag: string
  readonly from: number
  readonly to: number
  readonly amount: number
}

export interface Account {
  readonly id: number
  readonly amount: number
  readonly tags: readonly string[]
}

type Reader = (operations: readonly Operation[], truth: Json) => readonly Effect[]

const readers: Readonly<Record<string, Reader>> = {
  transfers(operations, truth) {
    const notes = new Map(as<Account[]>(truth).map(({ id, tags }) => [id, countsOf(tags)]))
    return operations.filter(isKind('transfer')).map((operation) => {
      const { tag, from, to } = as<Transfer>(operation.args)
      return {
        operation,
        places: [from, to].map((id) => ({ where: `account ${id}`, times: notes.get(id)?.get(tag) ?? 0 })),
      }
    })
  },
  lists(operations, truth) {
    const lists = new Map(as<{ list: number; elements: string[] }[]>(truth).map(({ list, elements }) => [list, countsOf(elements)]))
    return operations.filter(isKind('append')).map((operation) => {
      const { list, element } = as<{ list: number; element: string }>(operation.args)
      return { operation, places: [{ where: `list ${list}`, times: lists.get(list)?.get(element) ?? 0 }] }
    })
  },
  'long-transactions'(operations, truth) {
    const rows = new Map(as<{ row: number; notes: string[] }[]>(truth).map(({ row, notes }) => [row, countsOf(notes)]))
    return operations.filter(isKind('note')).map((operation) => {
      const { row, tag } = as<{ row: number; tag: string }>(operation.args)
      return { operation, places: [{ where: `row ${row}`, times: rows.get(row)?.get(tag) ?? 0 }] }
    })
  },
  sets(operations, truth) {
    const sets = new Map(as<{ set: number; elements: number[] }[]>(truth).map(({ set, elements }) => [set, new Set(elements)]))
    return operations.filter(isKind('add')).map((operation) => {
      const { set, element } = as<{ set: number; element: number }>(operation.args)
      return { operation, places: [{ where: `set ${set}`, times: sets.get(set)?.has(element) === true ? 1 : 0 }] }
    })
  },
  'unique-keys'(operations, truth) {
    const owners = new Map(as<{ key: number; owner: string }[]>(truth).map(({ key, owner }) => [key, owner]))
    return operations.filter(isKind('claim')).map((operation) => {
      const { key, owner } = as<{ key: number; owner: string }>(operation.args)
      return { operation, places: [{ where: `key ${key}`, times: owners.get(key) === owner ? 1 : 0 }] }
    })
  },
}

const isKind =
  (kind: string) =>
  (operation: Operation): boolean =>
    operation.kind === kind

function countsOf(tags: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1)
  return counts
}

/** It was answered as it should be: also who wants a key that another client has is told so, and is served by that. */
export function isServed({ outcome, load, sqlstate }: Pick<Operation, 'outcome' | 'load' | 'sqlstate'>): boolean {
  return outcome === 'ok' || (load === 'unique-keys' && sqlstate === '23505')
}

/** `client 3, transfer {…}, at 12 ms`. */
export function nameOf({ process, kind, args, invokeMs }: Operation): string {
  return `client ${process}, ${kind} ${JSON.stringify(args)}, at ${Math.round(invokeMs)} ms`
}
