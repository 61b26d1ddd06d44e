/** What markers ask for beside their entries: something built. Those of them that this project can decide from files. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Verdict } from '../spec/verdict.ts'

const projectRoot = resolve(import.meta.dirname, '..')

export interface Artefact {
  readonly verdict: Verdict
  readonly why: string
  /** What was looked at, relative to the project; null if there was nothing to look at. */
  readonly file: string | null
  readonly sha256: string | null
  /** When it was made. */
  readonly at: string | null
}

/** Marker → the coverage report that answers it, and the share of lines it must pass (T1.2, T2.4; TGT-08: our own code only). */
const coverageMarkers: Readonly<Record<string, { readonly report: string; readonly above: number }>> = {
  'T1.2': { report: 'coverage/unit/coverage-summary.json', above: 80 },
  'T2.4': { report: 'coverage/suites/coverage-summary.json', above: 70 },
}

/** Words that ask for nothing but that the marker's entries hold: `report: …`, `all JWT-* tests pass`, `RW-005 and CONN-008 pass`. */
export const asksForEntriesOnly =
  /^(report: .*|(all )?[A-Z]+-[\d*]+((, | and )([A-Z]+-)?\d+)*( tests)?( pass(es)?| against the real parts))$/

/**
 * The verdict on a marker's artefact; null where the artefact only repeats its entries.
 * What no check here decides is missing, never assumed.
 */
export function judgeArtefact(marker: string, artefact: string, hasEntries: boolean, root = projectRoot): Artefact | null {
  const coverage = coverageMarkers[marker]
  if (coverage !== undefined) return judgeCoverage(coverage, root)
  return hasEntries && asksForEntriesOnly.test(artefact) ? null : missing(`no check decides yet: ${artefact}`)
}

const missing = (why: string): Artefact => ({ verdict: 'missing', why, file: null, sha256: null, at: null })

function judgeCoverage({ report, above }: { report: string; above: number }, root: string): Artefact {
  const file = join(root, report)
  if (!existsSync(file)) return missing('no coverage was measured: run `npm run coverage`')
  const text = readFileSync(file, 'utf8')
  const made = statSync(file).mtime
  const seen = { file: report, sha256: createHash('sha256').update(text).digest('hex'), at: made.toISOString() }
  const { share, files } = readCoverage(text)
  if (share === null)
    return { verdict: 'unknown', why: `${report} does not tell the share of lines covered: run \`npm run coverage\``, ...seen }
  const newer = files.find((one) => !existsSync(join(root, one)) || statSync(join(root, one)).mtime > made)
  if (newer !== undefined)
    return { verdict: 'missing', why: `stale: ${newer} changed after coverage was measured: run \`npm run coverage\``, ...seen }
  const told = `${share} % of lines are covered`
  return share > above
    ? { verdict: 'proved', why: told, ...seen }
    : { verdict: 'refuted', why: `${told}, not more than ${above} %`, ...seen }
}

interface Coverage {
  /** Per cent of lines; null if the report does not tell. */
  readonly share: number | null
  /** Every file it speaks of. */
  readonly files: readonly string[]
}

function readCoverage(text: string): Coverage {
  try {
    const { total, ...files } = JSON.parse(text) as Record<string, { lines?: { pct?: unknown; total?: unknown } }>
    const share = total?.lines?.pct
    return { share: typeof share === 'number' && total?.lines?.total !== 0 ? share : null, files: Object.keys(files) }
  } catch {
    return { share: null, files: [] }
  }
}
