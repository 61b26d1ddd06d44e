/** Nothing of a transaction that was aborted is ever there: not at the end, and in no read. */
import { as, effectsOf, nameOf } from '../effects.ts'
import { checkOf, type Found } from '../finding.ts'
import type { History, Operation } from '../history/record.ts'

export default checkOf('no-phantoms', 'an aborted transaction leaves nothing', (history) => [...atTheEnd(history), ...inReads(history)])

const atTheEnd = (history: History): readonly Found[] =>
  effectsOf(history)
    .filter(({ operation, places }) => operation.outcome === 'fail' && places.some(({ times }) => times > 0))
    .map(({ operation, places }) => ({
      kind: 'phantom',
      text: `it has failed (${operation.sqlstate ?? operation.message ?? 'no word'}), and is there: ${nameOf(operation)}; in ${places.map(({ where }) => where).join(', ')}`,
      operations: [operation.index],
    }))

function inReads({ operations }: History): readonly Found[] {
  const aborted = new Map(operations.flatMap(abortedTag))
  if (aborted.size === 0) return []
  const found = new Map<number, Found>()
  for (const read of operations.filter(({ kind, outcome }) => kind === 'read' && outcome === 'ok')) {
    for (const tag of tagsRead(read)) {
      const operation = aborted.get(`${read.load} ${tag}`)
      if (operation === undefined || found.has(operation.index)) continue
      found.set(operation.index, {
        kind: 'phantom-read',
        text: `it has failed, and client ${read.process} read it at ${Math.round(read.invokeMs)} ms: ${nameOf(operation)}`,
        operations: [operation.index, read.index],
      })
    }
  }
  return [...found.values()]
}

function abortedTag(operation: Operation): readonly (readonly [string, Operation])[] {
  if (operation.outcome !== 'fail') return []
  const { tag, element } = as<{ tag?: string; element?: string }>(operation.args ?? {})
  const name = operation.load === 'transfers' ? tag : operation.load === 'lists' ? element : undefined
  return name === undefined ? [] : [[`${operation.load} ${name}`, operation]]
}

function tagsRead({ load, value }: Operation): readonly string[] {
  if (load === 'lists') return as<string[]>(value)
  return load === 'transfers' ? as<{ tags: string[] }[]>(value).flatMap(({ tags }) => tags) : []
}
