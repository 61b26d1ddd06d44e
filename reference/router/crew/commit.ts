/** The common end of several branches: one after the other, or in two phases. */
import { Refused, RefusedByServer } from '../refused.ts'
import type { Ran } from '../server/collector.ts'
import type { Branch } from './branch.ts'

export type Decision = 'committed' | 'rolled-back'

/** Readers first, since they can fail no one; then those that wrote. */
export const inOrder = (branches: readonly Branch[]): Branch[] =>
  branches.toSorted((a, b) => Number(a.wrote) - Number(b.wrote) || a.shard - b.shard)

/** Without a log of decisions: when one fails after another has committed, that is said, since it cannot be undone. */
export async function commitOneByOne(branches: readonly Branch[], deadlineMs: number): Promise<Decision> {
  const committed: Branch[] = []
  for (const branch of inOrder(branches)) {
    const failure = await commitOne(branch, deadlineMs)
    if (failure === null) committed.push(branch)
    else throw committed.some(({ wrote }) => wrote) ? partial(failure) : failure
  }
  return 'committed'
}

async function commitOne(branch: Branch, deadlineMs: number): Promise<Refused | null> {
  const ran = await branch.run('COMMIT', deadlineMs).catch((error: unknown) => error as Error)
  if (ran instanceof Error) return new Refused('ERROR', branch.wrote ? '08007' : '08006', 'a server was lost while it committed', ran)
  return refusalOf(ran)
}

export function refusalOf({ error }: Ran): Refused | null {
  return error ? new RefusedByServer(error) : null
}

const partial = (failure: Refused): Refused =>
  new Refused('ERROR', '40003', `only a part of the transaction was committed, as another shard failed: ${failure.message}`, failure)
