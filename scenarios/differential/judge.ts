/** Plays one case against truth and system, and tells the first thing in which they differ. */
import type { Case } from './chance.ts'
import { isOrdered, render, type Statement } from './query.ts'
import type { Outcome, World } from './world.ts'

export interface Difference {
  /** Number of the step, from 0; -1: what both hold at the end. */
  readonly step: number
  readonly what: 'rows' | 'tag' | 'accepted' | 'refused-and-done' | 'state' | 'misplaced' | 'lost' | 'left-open'
  readonly expected: string
  readonly seen: string
}

export interface Played {
  readonly difference: Difference | null
  /** Statements that the system refused though one database does them: no fault, but a limit. */
  readonly refused: number
  readonly answered: number
}

/** Errors by which a system says that it cannot do this, as opposed to that it failed. */
const refusals = new Set(['0A000', '58000', '25001', '42601'])

export async function playCase(world: World, what: Case): Promise<Played> {
  await world.begin(what)
  await Promise.all([world.truth.renew(), world.system.renew()])
  let [refused, answered] = [0, 0]
  for (const [step, statement] of what.steps.entries()) {
    const said = render(statement, what.schema)
    const seen = await world.system.run(said)
    if (seen.kind === 'error' && refusals.has(seen.sqlstate)) {
      // What it refuses it must not have done; a transaction ends with it.
      refused++
      await world.truth.run({ text: 'rollback', values: [], bound: false })
      await world.system.renew()
      break
    }
    const expected = await world.truth.run(said)
    answered++
    const difference = differ(expected, seen, statement, step)
    if (difference !== null) {
      await endDiffers(world, what, false)
      return { difference, refused, answered }
    }
  }
  return { difference: await endDiffers(world, what, refused > 0), refused, answered }
}

function differ(expected: Outcome, seen: Outcome, statement: Statement, step: number): Difference | null {
  if (seen.kind === 'error') {
    if (expected.kind === 'error')
      return seen.sqlstate === 'none' ? { step, what: 'lost', expected: expected.sqlstate, seen: seen.message } : null
    return {
      step,
      what: seen.sqlstate === 'none' ? 'lost' : 'accepted',
      expected: text(expected),
      seen: `${seen.sqlstate} ${seen.message}`,
    }
  }
  if (expected.kind === 'error') return { step, what: 'accepted', expected: `${expected.sqlstate} ${expected.message}`, seen: text(seen) }
  const order = (rows: readonly string[]) => (isOrdered(statement) ? rows : rows.toSorted()).join('\n')
  if (order(expected.rows) !== order(seen.rows)) return { step, what: 'rows', expected: text(expected), seen: text(seen) }
  return expected.tag === seen.tag ? null : { step, what: 'tag', expected: expected.tag, seen: seen.tag }
}

const text = (outcome: Outcome): string => (outcome.kind === 'error' ? outcome.sqlstate : `${outcome.tag}: ${outcome.rows.join(', ')}`)

/** A transaction that was not ended must be gone with its connection, and leave nothing. */
async function endDiffers(world: World, what: Case, afterRefusal: boolean): Promise<Difference | null> {
  await Promise.all([world.truth.renew(), world.system.renew()])
  const left = await world.leftOpen()
  if (left.length > 0) return { step: -1, what: 'left-open', expected: 'no open transaction without a client', seen: left.join(', ') }
  return stateDiffers(world, what, afterRefusal)
}

async function stateDiffers(world: World, { schema }: Case, afterRefusal: boolean): Promise<Difference | null> {
  const { truth, system, misplaced } = await world.compare(schema)
  if (truth !== system) return { step: -1, what: afterRefusal ? 'refused-and-done' : 'state', expected: truth, seen: system }
  return misplaced.length === 0 ? null : { step: -1, what: 'misplaced', expected: 'every row on its shard', seen: misplaced.join(', ') }
}
