/** Asks one server what a statement takes and gives, without running it. */
import { backendType, decodeBackend, encodeFrontend, type Column, type Frame } from '../../wire/index.ts'
import { RefusedByServer } from '../refused.ts'
import type { Branch } from './branch.ts'
import { parseBytes } from './values.ts'

export interface Described {
  /** Empty when it gives no rows. */
  readonly columns: readonly Column[]
  /** Types of all parameters. */
  readonly types: readonly number[]
  readonly hasRows: boolean
}

const describe = encodeFrontend({ kind: 'describe', target: 'statement', name: '' })
const sync = encodeFrontend({ kind: 'sync' })

/** `types` as far as the client has declared them. Throws the server's refusal. Ends with a Sync of its own. */
export async function describeStatement(branch: Branch, text: string, types: readonly number[]): Promise<Described> {
  let columns: readonly Column[] = []
  let parameters: readonly number[] = []
  let hasRows = false
  const receive = (frame: Frame): void => {
    if (frame.type !== backendType.rowDescription && frame.type !== backendType.parameterDescription) return
    const message = decodeBackend(frame)
    if (message.kind === 'parameter-description') parameters = message.types
    if (message.kind !== 'row-description') return
    columns = message.columns
    hasRows = true
  }
  branch.error = null
  const { sink } = branch
  branch.sink = () => {}
  branch.connection.statements.unnamed = branch
  branch.send('parse', parseBytes(text, types))
  branch.send('describe', describe, receive)
  branch.send('sync', sync)
  await branch.quiet()
  branch.sink = sink
  if (branch.error) throw new RefusedByServer(branch.error)
  return { columns, types: parameters, hasRows }
}
