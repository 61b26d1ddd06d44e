/** What `checklist.yaml`, `notes.yaml` and `version.yaml` may say. */
import { z } from 'zod'
import { closed, id, idList, markerId, matching, noteId, oneOf, words } from './schema.ts'

const superseded = closed({ by: words, why: words }).nullable().default(null)
const common = { title: words, notes: idList(noteId), needs_people: z.boolean().default(false) }
const phase = z.number().int().min(1).max(4)

const marker = closed({
  id: markerId,
  phase,
  section: words,
  complexity: oneOf('complexity', ['S', 'M', 'L', 'XL']),
  deliverable: words,
  artefact: words,
  owner: words,
  superseded,
  ...common,
})

const testMarker = closed({ id: markerId, section: words, tests: z.array(id).min(1), artefact: words, owner: words, superseded, ...common })

const proved = { phase, proved_by: z.array(markerId).min(1), ...common }

const phaseItem = closed({ id: matching(/^C\d\.\d+$/, 'an id such as C1.4'), tests_without_marker: idList(id), owner: words, ...proved })

const deliverable = closed({ id: matching(/^D\d\.\d+$/, 'an id such as D1.2'), ...proved })

export const checklistSchema = closed({
  owners: z.array(words),
  markers: z.array(marker),
  test_markers: z.array(testMarker),
  phase_items: z.array(phaseItem),
  deliverables: z.array(deliverable),
})

export const notesSchema = closed({
  topics: z.record(z.string(), words),
  notes: z.array(closed({ id: noteId, finding: words, resolution: words })),
})

export const versionSchema = closed({
  version: matching(/^\d+\.\d+\.\d+$/, 'a version such as 1.2.0'),
  removed: z.array(closed({ id: words, since: words, why: words })).default([]),
})

export type RawChecklist = z.infer<typeof checklistSchema>
export type RawNotes = z.infer<typeof notesSchema>
export type Version = z.infer<typeof versionSchema>
