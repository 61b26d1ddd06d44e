/** What a worker that died did not come to: said in the evidence, so that nothing it left is taken for anything else. */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { readRun, type Plan } from '../reports/read.ts'
import type { PoolerKind } from '../spec/entry.ts'
import type { EvidenceLine } from '../spec/evidence.ts'
import type { Spec } from '../spec/load.ts'
import { digestSources, digestTest, kitSources, partSources } from '../spec/sources.ts'
import { idsIn } from './plan.ts'

export interface LostPass {
  readonly dir: string
  readonly spec: Spec
  readonly plan: Plan
  readonly pooler: PoolerKind
  readonly provider: string
  readonly attempt: number
  /** What the engine said of its own trouble; without any, what did not run is simply missing. */
  readonly errors: readonly string[]
}

/** Writes `unknown: harness-crash` for each entry of the plan that this pass should have tried and did not begin. */
export function markLost({ dir, spec, plan, pooler, provider, attempt, errors }: LostPass): void {
  if (errors.length === 0) return
  const begun = new Set(
    readRun(dir).lines.flatMap((line) =>
      line.kind === 'started' && line.attempt === attempt && line.setting.pooler === pooler ? [line.entry] : [],
    ),
  )
  const [kit, parts] = [digestSources(kitSources), digestSources(partSources)]
  for (const id of idsIn(plan).filter((one) => !begun.has(one))) {
    const at = new Date().toISOString()
    const setting = { pooler, provider, topology: 'none', fingerprint: 'none' }
    const grounds = { entry: spec.entries.get(id)?.digest ?? '', testFile: digestTest('suites/kit.ts'), kit, parts }
    const lines: EvidenceLine[] = [
      { kind: 'started', at, entry: id, attempt, seed: '', setting, grounds, testFile: 'suites/kit.ts' },
      {
        kind: 'ended',
        at,
        entry: id,
        attempt,
        outcome: { verdict: 'unknown', reason: 'harness-crash', why: errors[0] ?? '' },
        durationMs: 0,
      },
    ]
    appendFileSync(join(dir, 'evidence.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  }
}
