/** Which evidence counts: the entry, its test, the kit and the parts must be today's, and nothing may have stood in for a part. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { EvidenceLine, Grounds, Setting } from '../spec/evidence.ts'
import type { Spec } from '../spec/load.ts'
import { digestSources, digestTest, kitSources, partSources } from '../spec/sources.ts'
import type { RunOnDisk } from './read.ts'

const projectRoot = resolve(import.meta.dirname, '..')

/** Today's digests; null for what is not there any more. */
export interface Today {
  readonly kit: string
  readonly parts: string
  testFile(path: string): string | null
}

export function today(): Today {
  const known = new Map<string, string | null>()
  const digest = (path: string) => (existsSync(join(projectRoot, path)) ? digestTest(path) : null)
  return {
    kit: digestSources(kitSources),
    parts: digestSources(partSources),
    testFile(path) {
      if (!known.has(path)) known.set(path, digest(path))
      return known.get(path) ?? null
    },
  }
}

/** What of its grounds has changed since; empty if the evidence counts. */
export function changedSince(grounds: Grounds, testFile: string, entryDigest: string | undefined, now: Today): readonly string[] {
  const changed: string[] = []
  if (grounds.entry !== entryDigest) changed.push('the words of the entry')
  if (grounds.testFile !== now.testFile(testFile)) changed.push('its test')
  if (grounds.kit !== now.kit) changed.push('the kit')
  if (grounds.parts !== now.parts) changed.push('the parts')
  return changed
}

/** Evidence that was gathered on other grounds than today's. */
export interface Stale {
  readonly changed: readonly string[]
  readonly run: string
  readonly at: string
}

export interface StaleAttempt extends Stale {
  readonly entry: string
  readonly pooler: Setting['pooler']
}

export interface Sifted {
  readonly lines: readonly EvidenceLine[]
  /** In the order of the evidence. */
  readonly stale: readonly StaleAttempt[]
}

/** Whether evidence of a stand-in (a liar, a foreign part) or on other grounds than today's counts: in a report of that run alone it does. */
export type StandIns = 'refused' | 'admitted'

/** The lines of a run that count. */
export function sift(run: RunOnDisk, spec: Spec, now: Today, standIns: StandIns): Sifted {
  if (run.run?.liar && standIns === 'refused') return { lines: [], stale: [] }
  const stale: StaleAttempt[] = []
  const outdated = new Set<string>()
  const lines = run.lines.filter((line) => {
    if (!('entry' in line)) return true
    if (line.kind === 'started') {
      const changed = changedSince(line.grounds, line.testFile, spec.entries.get(line.entry)?.digest, now)
      outdated.delete(line.entry)
      if (changed.length > 0) stale.push({ entry: line.entry, pooler: line.setting.pooler, changed, run: run.name, at: line.at })
      if (changed.length > 0 && standIns === 'refused') outdated.add(line.entry)
    }
    return !outdated.has(line.entry)
  })
  return { lines, stale }
}

/** `since then its test and the kit changed` */
export function staleText({ changed }: Stale): string {
  return `since then ${changed.join(changed.length === 2 ? ' and ' : ', ')} changed`
}
