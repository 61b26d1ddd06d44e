/** `compare`: two runs, commits or systems of the history, figure by figure. */
import { execFileSync } from 'node:child_process'
import { compareSides, standingOf, type Comparison } from '../../perf/history/compare.ts'
import { findSide, type CommitOf, type Side } from '../../perf/history/find.ts'
import { comparisonText } from '../comparison-text.ts'
import { openFullHistory } from '../figures.ts'
import { outFolder, projectRoot } from '../project.ts'

export async function compare(before: string, after: string, { json }: { json?: boolean }): Promise<number> {
  using history = openFullHistory(outFolder())
  const comparison = compareSides(history, findSide(history, before, commitOf), findSide(history, after, commitOf))
  console.log(json === true ? JSON.stringify(comparison, null, 2) : comparisonText(comparison))
  return exitCodeOf(comparison)
}

/** To be asked before a run, or `latest` would be the run itself; throws `no-such-run` where the reference means nothing. */
export function findBaseline(reference: string): Side {
  using history = openFullHistory(outFolder())
  return findSide(history, reference, commitOf)
}

export function compareWith(baseline: Side, run: string): Comparison {
  using history = openFullHistory(outFolder())
  const measured = history.db.prepare('select 1 from runs where name = ?').get(run) !== undefined
  return compareSides(history, baseline, measured ? findSide(history, run) : { reference: run, runs: [], fingerprint: null })
}

/** A regression is a surprise; what could not be compared is unknown. */
export function exitCodeOf(comparison: Comparison): 0 | 1 | 2 {
  const standing = standingOf(comparison)
  if (standing === 'regression') return 1
  return standing === 'unknown' ? 2 : 0
}

export const commitOf: CommitOf = (name) => {
  try {
    const argv = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]
    return execFileSync('git', argv, { cwd: projectRoot, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return null
  }
}
