/** Reads the whole specification from disk, or says with file and line everything that is wrong with it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { z } from 'zod'
import { byId, checklistMentions, checkTestMarkers, readChecklist, type Checklist } from './checklist.ts'
import { checklistSchema, notesSchema, versionSchema, type RawNotes } from './checklist-schema.ts'
import { emptyDocument, readDocument, type Checked } from './document.ts'
import type { Entry } from './entry.ts'
import { familySchema } from './family-schema.ts'
import { familyMentions, readFamily } from './family.ts'
import { checkHistory } from './history.ts'
import { checkTargets, interfacesMentions } from './interfaces.ts'
import { interfacesSchema, type Interfaces } from './interfaces-schema.ts'
import { checkMentions, joinMentions, type Mentions } from './references.ts'
import { SpecError, type Problem } from './spec-error.ts'

/** A contradiction of the strategy document and the way out of it. */
export type Note = RawNotes['notes'][number]

export interface Spec extends Checklist {
  readonly entries: ReadonlyMap<string, Entry>
  readonly notes: ReadonlyMap<string, Note>
  /** Null where a specification has none. */
  readonly interfaces: Interfaces | null
  readonly version: string
  /** Every id the specification defines: entries, markers, items, notes. */
  readonly ids: ReadonlySet<string>
}

/**
 * The specification in a folder (the project's own by default); throws SpecError.
 * `families/` must be there; checklist, notes, interfaces and version may be left out of a small one.
 */
export function loadSpec(dir: string = import.meta.dirname): Spec {
  const families = readFamilies(dir)
  const checklist = readOptional(dir, 'checklist.yaml', checklistSchema)
  const notes = readOptional(dir, 'notes.yaml', notesSchema)
  const interfaces = readOptional(dir, 'interfaces.yaml', interfacesSchema)
  const version = readOptional(dir, 'version.yaml', versionSchema)
  const read = families.map(readFamily)
  refuse([...read, checklist, notes, interfaces, version].flatMap(({ problems }) => problems))

  const mentions = joinMentions([
    ...families.map(familyMentions),
    checklistMentions(checklist),
    notesMentions(notes),
    interfacesMentions(interfaces),
  ])
  const entries = byId(read.flatMap((family) => family.entries))
  const ids = new Set(mentions.defined.filter(({ kind }) => kind !== 'owner').map(({ name }) => name))
  const history = {
    version,
    published: textOf(dir, 'generated/published.txt'),
    changelog: textOf(dir, 'CHANGELOG.md'),
    changelogFile: join(basename(dir), 'CHANGELOG.md'),
  }
  refuse([
    ...checkMentions(mentions),
    ...checkTestMarkers(checklist, entries.values()),
    ...checkTargets(interfaces, entries),
    ...checkHistory(history, ids),
  ])

  const list = readChecklist(checklist.value ?? { owners: [], markers: [], test_markers: [], phase_items: [], deliverables: [] }, [
    ...entries.values(),
  ])
  return {
    entries,
    ...list,
    notes: byId(notes.value?.notes ?? []),
    interfaces: interfaces.value,
    version: version.value?.version ?? '0.0.0',
    ids,
  }
}

function readFamilies(dir: string) {
  const folder = join(dir, 'families')
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.yaml')) : []
  if (names.length === 0)
    refuse([{ file: join(basename(dir), 'families'), line: 1, text: 'no family stands here: write one YAML file for each' }])
  return names.toSorted().map((name) => readDocument(dir, join('families', name), familySchema))
}

function readOptional<T>(dir: string, name: string, schema: z.ZodType<T>): Checked<T> {
  return existsSync(join(dir, name)) ? readDocument(dir, name, schema) : emptyDocument(dir, name)
}

function textOf(dir: string, name: string): string {
  return existsSync(join(dir, name)) ? readFileSync(join(dir, name), 'utf8') : ''
}

function notesMentions({ file, value, lineOf }: Checked<RawNotes>): Mentions {
  const defined = (value?.notes ?? []).map(({ id }, at) => ({ kind: 'note' as const, name: id, file, line: lineOf(['notes', at, 'id']) }))
  return { defined, cited: [] }
}

function refuse(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new SpecError(problems)
}
