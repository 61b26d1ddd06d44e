/** Finds in the history what a reference means: a run, `latest`, a version, a commit, or a system by its fingerprint. */
import { HarnessError } from '../../stack/harness-error.ts'
import type { History } from './open.ts'

export interface FoundRun {
  readonly id: number
  readonly name: string
  readonly at: string
  readonly version: string
  readonly dirty: boolean
  readonly profile: string
  readonly machine: string
  readonly environment: unknown
}

/** What a reference means: runs, and of them only the figures of one system if it names a system. */
export interface Side {
  readonly reference: string
  readonly runs: readonly FoundRun[]
  readonly fingerprint: string | null
}

/** A commit by any name that git knows: branch, tag, short hash; null where it knows none. */
export type CommitOf = (name: string) => string | null

const ofOurOwn = 'stand_in is null and exists (select 1 from figures where figures.run = runs.id)'

/** Throws `no-such-run` where nothing fits; a run in which something stood in for a part is found by its full name only. */
export function findSide(history: History, reference: string, commitOf: CommitOf = () => null): Side {
  const all = (where: string, ...values: string[]) =>
    history.db
      .prepare(`select * from runs where ${where} order by at`)
      .all(...values)
      .map(runOf)
  const side = (runs: readonly FoundRun[], fingerprint: string | null = null): Side => ({ reference, runs, fingerprint })
  const named = all('name = ?', reference)
  if (named.length > 0) return side(named)
  if (reference === 'latest') return side(orThrow(all(ofOurOwn).slice(-1), reference, history))
  if (reference === 'previous') return side(orThrow(all(ofOurOwn).slice(-2, -1), reference, history))
  const system = findFingerprint(history, reference)
  if (system !== null)
    return side(
      all(`${ofOurOwn} and id in (select run from figures join systems on systems.id = system where fingerprint = ?)`, system),
      system,
    )
  const prefixed = all(`${ofOurOwn} and substr(name, 1, length(?)) = ?`, reference, reference)
  if (prefixed.length > 0) return side(prefixed)
  return side(orThrow(ofCommit(all(ofOurOwn), commitOf(reference) ?? reference), reference, history))
}

function findFingerprint({ db }: History, reference: string): string | null {
  if (!/^[0-9a-f]{6,16}$/.test(reference)) return null
  const found = db.prepare(`select fingerprint from systems where substr(fingerprint, 1, length(?)) = ?`).all(reference, reference)
  return found.length === 1 ? String(found[0]?.['fingerprint']) : null
}

/** A version ends in the short hash of its commit; figures of changed files are not the commit's. */
function ofCommit(runs: readonly FoundRun[], wanted: string): readonly FoundRun[] {
  return runs.filter(({ version, dirty }) => {
    const commit = version.split('+')[1] ?? ''
    return version === wanted || (!dirty && commit.length >= 6 && wanted.startsWith(commit))
  })
}

function orThrow(runs: readonly FoundRun[], reference: string, { db, file }: History): readonly FoundRun[] {
  if (runs.length > 0) return runs
  const newest = db.prepare(`select name from runs where ${ofOurOwn} order by at desc limit 3`).all()
  const there = newest.map((row) => String(row['name'])).join(', ') || 'none yet'
  throw new HarnessError(
    'no-such-run',
    `${file} holds no figures of "${reference}": a run, latest, a version, a commit or a fingerprint is wanted; the newest runs are ${there}`,
  )
}

function runOf(row: Record<string, unknown>): FoundRun {
  const environment = row['environment']
  return {
    id: Number(row['id']),
    name: String(row['name']),
    at: String(row['at']),
    version: String(row['version']),
    dirty: row['dirty'] === 1,
    profile: String(row['profile']),
    machine: String(row['machine']),
    environment: typeof environment === 'string' ? (JSON.parse(environment) as unknown) : null,
  }
}
