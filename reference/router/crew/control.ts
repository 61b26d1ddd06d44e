/** BEGIN, COMMIT, ROLLBACK and savepoints of a client whose transaction may be on several servers. */
import { Refused, unsupported } from '../refused.ts'
import type { Parsed } from '../sql/syntax.ts'
import type { Crew } from './crew.ts'
import type { Transaction } from './transaction.ts'

/** Says all there is to say but ReadyForQuery. Throws a Refused. */
export async function control(crew: Crew, parsed: Parsed): Promise<void> {
  const { node, text } = parsed
  if (!('TransactionStmt' in node)) throw new RangeError('not a statement about transactions')
  const { kind, chain } = node.TransactionStmt
  switch (kind) {
    case 'TRANS_STMT_BEGIN':
    case 'TRANS_STMT_START':
      return begin(crew, text, kind === 'TRANS_STMT_BEGIN' ? 'BEGIN' : 'START TRANSACTION')
    case 'TRANS_STMT_COMMIT':
      return commit(crew, chain ?? false)
    case 'TRANS_STMT_ROLLBACK':
      return rollBack(crew, chain ?? false)
    case 'TRANS_STMT_SAVEPOINT':
    case 'TRANS_STMT_RELEASE':
    case 'TRANS_STMT_ROLLBACK_TO':
      return savepoint(crew, text, kind)
    default:
      throw unsupported('prepared transactions belong to the router in a sharded database')
  }
}

/** No server hears of it before there is something for it to do. */
function begin(crew: Crew, text: string, tag: string): void {
  const { transaction } = crew
  if (transaction?.explicit) crew.warn('25001', 'there is already a transaction in progress')
  else if (transaction && transaction.branches.length > 0) transaction.explicit = true
  else crew.transaction = crew.begin(text, true)
  crew.complete(tag)
}

async function commit(crew: Crew, chain: boolean): Promise<void> {
  const { transaction } = crew
  const next = chain ? chainOf(transaction, 'COMMIT') : null
  if (!transaction) {
    crew.warn('25P01', 'there is no transaction in progress')
    return crew.complete('COMMIT')
  }
  crew.transaction = null
  const decision = await crew.uninterrupted(() => transaction.end())
  if (next !== null) crew.transaction = crew.begin(next, true)
  crew.complete(decision === 'committed' ? 'COMMIT' : 'ROLLBACK')
}

/** How the next transaction begins: as this one did. Throws a Refused when there is none. */
function chainOf(transaction: Transaction | null, what: string): string {
  if (!transaction?.explicit || transaction.begin === null)
    throw new Refused('ERROR', '25P01', `${what} AND CHAIN can only be used in transaction blocks`)
  if (transaction.changed) throw unsupported('AND CHAIN after SET TRANSACTION is not possible in a sharded database')
  return transaction.begin
}

async function rollBack(crew: Crew, chain: boolean): Promise<void> {
  const { transaction } = crew
  const next = chain ? chainOf(transaction, 'ROLLBACK') : null
  if (!transaction) crew.warn('25P01', 'there is no transaction in progress')
  crew.transaction = null
  await transaction?.rollBack()
  transaction?.release()
  if (next !== null) crew.transaction = crew.begin(next, true)
  crew.complete('ROLLBACK')
}

async function savepoint(crew: Crew, text: string, kind: string): Promise<void> {
  const { transaction } = crew
  const tag = kind === 'TRANS_STMT_SAVEPOINT' ? 'SAVEPOINT' : kind === 'TRANS_STMT_RELEASE' ? 'RELEASE' : 'ROLLBACK'
  if (!transaction || transaction.begin === null) throw new Refused('ERROR', '25P01', `${tag} can only be used in transaction blocks`)
  // Somebody has to know whether there is such a savepoint.
  const branches = transaction.branches.length > 0 ? transaction.branches : [await transaction.join(crew.anyShard())]
  await crew.everyBranch(branches, text)
  transaction.note(text)
  if (kind === 'TRANS_STMT_ROLLBACK_TO') transaction.heal()
  crew.complete(tag)
}

/** What may still be said in a transaction that has failed. */
export function mayFollowFailure({ node }: Parsed): boolean {
  if (!('TransactionStmt' in node)) return false
  return ['TRANS_STMT_COMMIT', 'TRANS_STMT_ROLLBACK', 'TRANS_STMT_ROLLBACK_TO'].includes(node.TransactionStmt.kind ?? '')
}

export const inFailed = (): Refused =>
  new Refused('ERROR', '25P02', 'current transaction is aborted, commands ignored until end of transaction block')

/** What has been written without a transaction cannot be undone when another shard fails. */
export function checkAlone(transaction: Transaction | null, shard: number): void {
  if (!transaction || transaction.begin !== null) return
  const others = transaction.branches.some((branch) => branch.wrote && branch.shard !== shard)
  if (others) throw unsupported('writes to several shards before one Sync need a transaction')
}
