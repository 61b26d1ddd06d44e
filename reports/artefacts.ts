/** Markers that ask for something built rather than for an entry: those this project can decide from files. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Verdict } from '../spec/verdict.ts'

const projectRoot = resolve(import.meta.dirname, '..')

interface Part {
  readonly verdict: Verdict
  readonly why: string
}

/** Marker → the coverage report that answers it, and the share of lines it must pass (T1.2, T2.4; TGT-08: our own code only). */
const coverageMarkers: Readonly<Record<string, { readonly report: string; readonly above: number }>> = {
  'T1.2': { report: 'coverage/unit/coverage-summary.json', above: 80 },
  'T2.4': { report: 'coverage/suites/coverage-summary.json', above: 70 },
}

/**
 * The verdict on a marker's artefact; null where the artefact only repeats its entries.
 * What no check here decides is missing, never assumed.
 */
export function artefactVerdict(marker: string, artefact: string, hasEntries: boolean): Part | null {
  const coverage = coverageMarkers[marker]
  if (coverage !== undefined) return coverageVerdict(coverage)
  if (hasEntries && artefact.startsWith('report: ')) return null
  return { verdict: 'missing', why: `no check decides yet: ${artefact}` }
}

function coverageVerdict({ report, above }: { report: string; above: number }): Part {
  const file = join(projectRoot, report)
  if (!existsSync(file)) return { verdict: 'missing', why: `no coverage was measured: run \`npm run coverage\`` }
  const { total } = JSON.parse(readFileSync(file, 'utf8')) as { total: { lines: { pct: number } } }
  const share = total.lines.pct
  return share > above
    ? { verdict: 'proved', why: '' }
    : { verdict: 'refuted', why: `${share} % of lines are covered, not more than ${above} %` }
}
