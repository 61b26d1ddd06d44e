/** What a report says of the runs it rests on: version, seed, machine, the parts that ran, the command that repeats it. */
import type { RunOnDisk } from './read.ts'

export interface Facts {
  readonly title: string
  /** The command that repeats the run, if the report is of one run. */
  readonly command: string | null
  /** Name → words, in the order they are shown. */
  readonly told: ReadonlyMap<string, string>
}

/** `one`: a report of that run alone; otherwise of the newest evidence over all. */
export function factsOf(runs: readonly RunOnDisk[], one: string | null): Facts {
  const newest = runs.findLast(({ run }) => run !== null && (one !== null || run.liar === null))?.run ?? null
  const title = one === null ? 'Orochi pooling system: all evidence' : `Orochi pooling system: run ${one}`
  const told: [string, string | undefined][] = [
    ...(one === null
      ? [['runs read', String(runs.length)] as [string, string], ['newest run', newest?.run] as [string, string | undefined]]
      : []),
    ['begun', newest?.at],
    ['version', newest === null ? undefined : `${newest.version}${newest.dirty ? ', with changes that are not committed' : ''}`],
    ['seed', newest?.seed],
    ['profile', newest?.profile],
    ['plan', newest?.plan.slice(0, 16)],
    ['stood in', newest?.liar ?? undefined],
    ['machine', machineText(newest?.machine)],
    ['parts', partsText(one === null ? runs.slice(-1) : runs)],
  ]
  const known = told.filter((fact): fact is [string, string] => fact[1] !== undefined && fact[1] !== '')
  return { title, command: one === null ? null : (newest?.command ?? null), told: new Map(known) }
}

function machineText(machine: Readonly<Record<string, string | number>> | undefined): string | undefined {
  if (machine === undefined) return undefined
  const { cpus, cpu, memoryBytes, platform, kernel, node, timeFactor } = machine
  const memory = typeof memoryBytes === 'number' ? `${Math.round(memoryBytes / 2 ** 30)} GiB` : undefined
  const factor = timeFactor === undefined ? undefined : `time limits × ${timeFactor}`
  return [cpus === undefined ? undefined : `${cpus} × ${cpu ?? 'processor'}`, memory, platform, kernel, node && `Node ${node}`, factor]
    .filter(Boolean)
    .join(', ')
}

/** Each version once, whatever the number of parts that told it. */
function partsText(runs: readonly RunOnDisk[]): string {
  const versions = runs.flatMap(({ lines }) => lines.flatMap((line) => (line.kind === 'stack' ? Object.values(line.versions) : [])))
  return [...new Set(versions)].toSorted().join(', ')
}
