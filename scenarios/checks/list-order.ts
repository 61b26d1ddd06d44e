/** Lists only grow at their end: every read is a prefix of what comes later, each element is there once, and in the order of time. */
import { as, nameOf, truthOf } from '../effects.ts'
import { checkOf, type Found } from '../finding.ts'
import type { History, Operation } from '../history/record.ts'

interface Reading {
  readonly elements: readonly string[]
  /** Null: the truth at the end. */
  readonly operation: Operation | null
}

export default checkOf('list-order', 'appends are neither lost, duplicated nor reordered', (history) =>
  [...readingsByList(history)].flatMap(([list, readings]) => {
    const longest = readings.reduce((a, b) => (b.elements.length > a.elements.length ? b : a))
    return [...notPrefixes(list, readings, longest), ...duplicates(list, longest), ...againstTime(list, longest, history)]
  }),
)

function readingsByList(history: History): ReadonlyMap<number, Reading[]> {
  const lists = new Map<number, Reading[]>()
  const put = (list: number, reading: Reading) => lists.set(list, [...(lists.get(list) ?? []), reading])
  const byList = Map.groupBy(
    history.operations.filter(({ load, kind, outcome }) => load === 'lists' && kind === 'read' && outcome === 'ok'),
    ({ args }) => as<{ list: number }>(args).list,
  )
  for (const [list, reads] of byList)
    lists.set(
      list,
      reads.map((operation) => ({ elements: as<string[]>(operation.value), operation })),
    )
  for (const { list, elements } of truthOf<{ list: number; elements: string[] }[]>(history, 'lists') ?? [])
    put(list, { elements, operation: null })
  return lists
}

const indices = (...readings: readonly Reading[]): readonly number[] =>
  readings.flatMap(({ operation }) => (operation === null ? [] : [operation.index]))
const nameReading = ({ operation }: Reading): string => (operation === null ? 'the end' : nameOf(operation))

function notPrefixes(list: number, readings: readonly Reading[], longest: Reading): readonly Found[] {
  return readings.flatMap((reading) => {
    const at = reading.elements.findIndex((element, place) => element !== longest.elements[place])
    if (at === -1) return []
    const [here, there] = [reading.elements[at], longest.elements[at]]
    const kind = longest.elements.includes(here ?? '') ? 'reordered' : 'vanished'
    const text = `list ${list}: place ${at} is ${here} in ${nameReading(reading)}, and ${there} in ${nameReading(longest)}`
    return [{ kind, text, operations: indices(reading, longest) }]
  })
}

function duplicates(list: number, longest: Reading): readonly Found[] {
  const seen = new Set<string>()
  return longest.elements.flatMap((element) => {
    if (!seen.has(element)) {
      seen.add(element)
      return []
    }
    return [{ kind: 'duplicated', text: `list ${list} holds ${element} twice in ${nameReading(longest)}`, operations: indices(longest) }]
  })
}

/** An append that began after another was acknowledged stands behind it; a stale read may not know either of them. */
function againstTime(list: number, longest: Reading, { operations }: History): readonly Found[] {
  const appends = new Map(
    operations
      .filter(({ load, kind }) => load === 'lists' && kind === 'append')
      .map((operation) => [as<{ element: string }>(operation.args).element, operation]),
  )
  let latest: Operation | undefined
  return longest.elements.flatMap((element) => {
    const append = appends.get(element)
    if (append === undefined) return []
    const before = latest
    if (latest === undefined || append.invokeMs > latest.invokeMs) latest = append
    const acknowledged = append.outcome === 'ok' ? (append.returnMs ?? Infinity) : Infinity
    if (before === undefined || acknowledged >= before.invokeMs) return []
    const text = `list ${list}: ${element} was acknowledged before ${as<{ element: string }>(before.args).element} began, and stands behind it`
    return [{ kind: 'against-time', text, operations: [append.index, before.index] }]
  })
}
