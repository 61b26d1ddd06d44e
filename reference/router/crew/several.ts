/** One statement on several shards at once, their answers made one. */
import { encodeFrontend, type Frame } from '../../wire/index.ts'
import type { Analysis } from '../routing/analysis.ts'
import type { Values } from '../routing/route.ts'
import type { Branch } from './branch.ts'
import type { Crew } from './crew.ts'
import { AlreadyTold } from './endings.ts'
import { isPlain } from '../merge/plan.ts'
import { combineSelect } from './combine.ts'
import { Merge, type Outcome } from './merge.ts'
import { parseBytes, type BindMessage } from './values.ts'

/** A statement with all that is needed to run it. */
export interface Input {
  readonly analysis: Analysis
  readonly values: Values
  /** The client's Bind message; null for a simple query. */
  readonly bind: BindMessage | null
  readonly types: readonly number[]
  /** Format codes of the columns for the client. */
  readonly results: readonly number[]
  /** The client has had the description of the rows already. */
  readonly described?: boolean
}

export async function runSeveral(crew: Crew, input: Input, shards: readonly number[]): Promise<void> {
  const { analysis } = input
  const { shape } = analysis
  const branches = await crew.within(!analysis.readOnly && analysis.kind === 'write').joinAll(shards)
  if (shape && !isPlain(shape)) await combineSelect(crew, input, branches, shape)
  else crew.complete((await collect(crew, input, branches, () => analysis.parsed.text, true)).tag)
}

/** The first shard first: who waits for a lock there holds none on the others. */
export async function runEverywhere(crew: Crew, input: Input): Promise<void> {
  const [first, ...others] = await crew.within(true).joinAll(crew.domain.allShards)
  if (!first) return
  const outcome = await collect(crew, input, [first], () => input.analysis.parsed.text, true)
  await collect(crew, input, others, () => input.analysis.parsed.text, false)
  crew.complete(outcome.tag)
}

/** Runs it on all branches and passes their rows on as they come. Throws AlreadyTold after an error. */
export async function collect(
  crew: Crew,
  input: Input,
  branches: readonly Branch[],
  textFor: (branch: Branch) => string,
  passes: boolean,
): Promise<Outcome> {
  const merge = new Merge(crew, branches, { passes, described: input.described ?? false })
  for (const branch of branches) {
    branch.wrote ||= !input.analysis.readOnly
    launch(branch, input, textFor(branch), (frame) => merge.take(branch, frame))
  }
  await Promise.all(branches.map((branch) => branch.quiet().catch((error: unknown) => merge.fail(error))))
  for (const branch of branches) branch.sink = crew.pass
  await Promise.allSettled(branches.map(({ connection }) => connection.cancelsDone()))
  const outcome = merge.outcome()
  if (outcome.error) throw outcome.error
  if (outcome.told) throw new AlreadyTold()
  return outcome
}

const describe = encodeFrontend({ kind: 'describe', target: 'portal', name: '' })
const execute = encodeFrontend({ kind: 'execute', portal: '', limit: 0 })
const sync = encodeFrontend({ kind: 'sync' })

/** All at once: parsing, binding, describing and running it. */
export function launch(branch: Branch, { bind, types, results }: Input, text: string, receive: (frame: Frame) => void): void {
  branch.error = null
  branch.sink = receive
  branch.connection.statements.unnamed = branch
  branch.send('parse', parseBytes(text, types))
  const values = { formats: bind?.formats ?? [], values: bind?.values ?? [] }
  branch.send('bind', encodeFrontend({ kind: 'bind', portal: '', statement: '', ...values, results }))
  branch.send('describe', describe)
  branch.send('execute', execute)
  branch.send('sync', sync)
}
