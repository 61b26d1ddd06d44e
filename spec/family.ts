/** Turns what stands in a family file into entries. */
import { digestOf } from './digest.ts'
import type { Checked } from './document.ts'
import type { Budgets, Clause, Entry, Expectation, Lineage } from './entry.ts'
import { familySchema, type RawEntry } from './family-schema.ts'
import type { Mention, Mentions } from './references.ts'
import type { Problem } from './spec-error.ts'
import type { z } from 'zod'

export interface Family {
  readonly entries: readonly Entry[]
  readonly problems: readonly Problem[]
}

/** Entries of one file, with what the schema alone cannot see: order, family, clauses named in `expect`. */
export function readFamily(document: Checked<z.infer<typeof familySchema>>): Family {
  const { file, value, problems, lineOf } = document
  if (value === null) return { entries: [], problems }
  const entries = value.entries.map((raw, at) => entryFrom(raw, value.family, { file, line: lineOf(['entries', at, 'id']) }))
  const found = value.entries.flatMap((raw, at) =>
    faultsOf(raw, value.family, value.entries[at - 1]).map(({ at: path, text }) => ({
      file,
      line: lineOf(['entries', at, ...path]),
      text,
    })),
  )
  return { entries, problems: found }
}

/** Ids that a family file defines and cites, with their lines. */
export function familyMentions({ file, value, lineOf }: Checked<z.infer<typeof familySchema>>): Mentions {
  const entries = value?.entries ?? []
  const mention = (kind: Mention['kind'], name: string, ...path: PropertyKey[]): Mention => ({
    kind,
    name,
    file,
    line: lineOf(['entries', ...path]),
  })
  const defined = entries.map(({ id }, at) => mention('entry', id, at, 'id'))
  const cited = entries.flatMap((raw, at) => [
    ...(raw.marker === null ? [] : [mention('marker', raw.marker, at, 'marker')]),
    ...raw.evidence_for.map((name, i) => mention('marker', name, at, 'evidence_for', i)),
    ...raw.notes.map((name, i) => mention('note', name, at, 'notes', i)),
    ...raw.overlaps.map((name, i) => mention('entry', name, at, 'overlaps', i)),
  ])
  return { defined, cited }
}

function faultsOf(raw: RawEntry, family: string, previous: RawEntry | undefined): { at: PropertyKey[]; text: string }[] {
  const faults: { at: PropertyKey[]; text: string }[] = []
  const add = (at: PropertyKey[], text: string) => faults.push({ at, text })
  const clauses = Object.keys(raw.then)
  if (familyOf(raw.id) !== family) add(['id'], `${raw.id} stands in the file of ${family}: move it to its own family's file`)
  if (previous !== undefined && previous.id > raw.id) add(['id'], `${raw.id} stands after ${previous.id}: keep the entries in id order`)
  if (clauses.length === 0) add(['then'], `${raw.id} promises nothing: write at least one clause under "then"`)
  for (const key of ['source', 'was', 'overlaps'] as const) {
    if (raw.origin === 'strategy' && !isEmpty(raw[key])) add([key], `${raw.id} comes from the strategy document: drop "${key}"`)
  }
  if (raw.origin === 'extended' && raw.source === undefined)
    add(['origin'], `${raw.id} is extended: say under "source" where it comes from`)
  for (const [pooler, expected] of Object.entries(raw.expect)) {
    for (const [at, key] of (expected?.refuted ?? []).entries()) {
      if (!clauses.includes(key))
        add(['expect', pooler, 'refuted', at], `${raw.id} has no clause "${key}": its clauses are ${clauses.join(', ')}`)
    }
  }
  return faults
}

function isEmpty(value: string | readonly string[] | undefined): boolean {
  return value === undefined || value.length === 0
}

function familyOf(entryId: string): string {
  return entryId.slice(0, entryId.lastIndexOf('-'))
}

function entryFrom(raw: RawEntry, family: string, source: Entry['source']): Entry {
  const clauses: Clause[] = Object.entries(raw.then).map(([key, { text, needs }]) => ({ key, text, needs }))
  const budget = raw.budget ?? null
  const lineage: Lineage = { from: raw.source ?? 'this project', was: raw.was ?? null, overlaps: raw.overlaps }
  const { id, title, given, when, needs } = raw
  return {
    id,
    family,
    title,
    priority: raw.priority,
    kind: raw.kind,
    status: raw.status,
    given,
    when,
    clauses,
    needs,
    expect: { pgdog: expectationFrom(raw.expect.pgdog), router: expectationFrom(raw.expect.router) },
    budget,
    budgets: budgetsFrom(raw.budgets),
    provokes: raw.provokes,
    timeoutMs: raw.timeout_s * 1000,
    destructive: raw.destructive,
    marker: raw.marker,
    evidenceFor: raw.evidence_for,
    notes: raw.notes,
    origin: raw.origin,
    ...(raw.origin === 'strategy' ? {} : { lineage }),
    digest: digestOf({ id, title, given, when, clauses, needs, budget, ...(raw.budgets === undefined ? {} : { budgets: raw.budgets }) }),
    source,
  }
}

function budgetsFrom(raw: RawEntry['budgets'] = {}): Budgets {
  const ms = (name: string, seconds: number | undefined) => (seconds === undefined ? {} : { [name]: seconds * 1000 })
  return {
    ...ms('outageMs', raw.outage_s),
    ...ms('recoveryMs', raw.recovery_s),
    ...ms('answerMs', raw.answer_s),
    ...ms('halvesMs', raw.halves_s),
    ...(raw.failures_per_client === undefined ? {} : { failuresPerClient: raw.failures_per_client }),
  }
}

function expectationFrom(refusal: RawEntry['expect']['pgdog']): Expectation {
  if (refusal === undefined) return { verdict: 'proved' }
  const { refuted: clauses, because, versions } = refusal
  return { verdict: 'refuted', clauses, because, versions }
}
