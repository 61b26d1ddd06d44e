/** `list`: the plan without running it. */
import { makePlan, remainingMs } from '../plan.ts'
import { outFolder, specification } from '../project.ts'
import { readSuiteOptions, type RawOptions } from '../suite-options.ts'

export async function list(families: readonly string[], raw: RawOptions): Promise<number> {
  const options = readSuiteOptions(families, raw)
  const spec = specification()
  const plan = makePlan(spec, options, outFolder())
  if (raw.json === true) {
    console.log(JSON.stringify(plan, null, 2))
    return 0
  }
  for (const entry of plan.entries) {
    const { title = '', priority = '' } = spec.entries.get(entry.id) ?? {}
    const last = entry.lastMs === null ? '' : `${(entry.lastMs / 1000).toFixed(1)} s`
    console.log(
      `${entry.in ? 'in ' : 'out'} ${entry.id.padEnd(11)} ${priority} ${title.padEnd(46)} ${last.padStart(7)}  ${entry.in ? `needs ${entry.needs.join(', ')}` : entry.why}`,
    )
  }
  const count = plan.entries.filter((entry) => entry.in).length
  console.log(
    `\n${count} of ${plan.entries.length} entries in, about ${Math.ceil(remainingMs(plan, new Set()) / 1000)} s on ${plan.pooler}, plan ${plan.hash.slice(0, 12)}`,
  )
  return 0
}
