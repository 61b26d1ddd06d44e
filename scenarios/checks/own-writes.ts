/** Inside its transaction a client reads what it has just written. */
import { as, nameOf } from '../effects.ts'
import { checkOf } from '../finding.ts'

export default checkOf('own-writes', 'a transaction sees its own writes', (history) =>
  history.operations
    .filter(({ kind, outcome }) => kind === 'write-and-read' && outcome === 'ok')
    .filter(({ args, value }) => as<{ wrote: string }>(args).wrote !== as<{ read: string }>(value).read)
    .map((operation) => ({
      kind: 'own-write-unseen',
      text: `${nameOf(operation)} read ${JSON.stringify(as<{ read: string }>(operation.value).read)} instead`,
      operations: [operation.index],
    })),
)
