/** A shard has one server that takes writes: once another one has taken over, the old one acknowledges nothing more. */
import { nameOf, truthOf } from '../effects.ts'
import { checkOf, type Found } from '../finding.ts'
import type { History, Operation } from '../history/record.ts'

interface Standing {
  readonly server: string
  readonly shard: number
  readonly role: 'primary' | 'replica' | null
}

const writing: ReadonlySet<string> = new Set(['transfer', 'append', 'add', 'claim', 'note', 'write-and-read'])

export default checkOf('one-writer', 'only one server of a shard takes writes', (history) => {
  const standing = truthOf<readonly Standing[]>(history, 'servers') ?? []
  const shards = Map.groupBy(standing, ({ shard }) => shard)
  const atTheEnd = [...shards].flatMap(([shard, servers]) =>
    twoPrimaries(`shard ${shard} in the end`, servers.filter(({ role }) => role === 'primary').length),
  )
  const meanwhile = history.samples.find(({ name, value }) => name === 'primaries' && value > 1)
  return [
    ...atTheEnd,
    ...(meanwhile === undefined ? [] : twoPrimaries(`${meanwhile.where} at ${Math.round(meanwhile.atMs)} ms`, meanwhile.value)),
    ...[...shards].flatMap(([shard, servers]) =>
      interleaved(
        shard,
        servers.map(({ server }) => server),
        history,
      ),
    ),
  ]
})

const twoPrimaries = (where: string, count: number): readonly Found[] =>
  count < 2 ? [] : [{ kind: 'two-primaries', text: `${where} has ${count} servers that take writes`, operations: [] }]

/** Writes that began on one server after another had acknowledged some, and yet the first acknowledges again. */
function interleaved(shard: number, servers: readonly string[], { operations }: History): readonly Found[] {
  const writes = operations
    .filter(({ kind, outcome }) => writing.has(kind) && outcome === 'ok')
    .flatMap((operation) => {
      const [server] = (operation.seen.servers ?? []).filter((one) => servers.includes(one))
      return server === undefined ? [] : [{ operation, server }]
    })
  const successors = new Map<string, Operation>()
  const found = new Map<string, Found>()
  let current: string | null = null
  for (const { operation, server } of writes.toSorted((a, b) => a.operation.invokeMs - b.operation.invokeMs)) {
    const overtaken = successors.get(server)
    if (overtaken !== undefined && operation.invokeMs > overtaken.returnMs! && !found.has(server)) {
      const text = `${server} of shard ${shard} acknowledged ${nameOf(operation)} after ${nameOf(overtaken)} was written elsewhere (${overtaken.seen.servers?.join(', ')})`
      found.set(server, { kind: 'two-writers', text, operations: [overtaken.index, operation.index] })
    }
    if (current !== null && current !== server && !successors.has(current)) successors.set(current, operation)
    current = server
  }
  return [...found.values()]
}
