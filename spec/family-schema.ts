/** What a file of `families/` may say. */
import { z } from 'zod'
import { capabilities, type Capability } from './capability.ts'
import { clauseKey, closed, id, idList, markerId, noteId, oneOf, words } from './schema.ts'

export const priorities = ['P0', 'P1', 'P2'] as const
const kinds = ['unit', 'integration', 'e2e', 'perf', 'chaos', 'security'] as const
const origins = ['strategy', 'extended', 'project'] as const

const capability = oneOf('capability', Object.keys(capabilities) as [Capability, ...Capability[]])
const needs = idList(capability)

/** A clause is a sentence, or a sentence with needs of its own. */
const clause = z.preprocess((raw) => (raw !== null && typeof raw === 'object' ? raw : { text: raw }), closed({ text: words, needs }))

const then = z.record(clauseKey, clause)

const budget = closed({
  metric: words,
  op: oneOf('comparison', ['<', '<=', '>', '>=']),
  value: z.number(),
  unit: words,
  percentile: z.number().min(0).max(100).nullable(),
  stability: words.optional(),
})

/** What an entry of faults grants while they last, in the project's own figures: the strategy document has no rule for passing. */
const budgets = closed({
  outage_s: z.number().positive().optional(),
  recovery_s: z.number().positive().optional(),
  answer_s: z.number().positive().optional(),
  halves_s: z.number().positive().optional(),
  failures_per_client: z.int().min(0).optional(),
})

const refusal = closed({
  refuted: z.array(clauseKey).min(1, 'name the clauses that are expected to be refuted'),
  because: words,
  versions: words,
})

const provoked = closed({ part: words, match: words.refine(compiles, 'is not a regular expression'), because: words })

const positive = z.number().positive('must be more than 0')

export const entrySchema = closed({
  id,
  title: words,
  priority: oneOf('priority', priorities),
  kind: oneOf('kind', kinds),
  status: oneOf('status', ['live', 'planned']),
  needs,
  timeout_s: positive.default(30),
  destructive: z.boolean().default(false),
  given: words,
  when: words,
  // oxlint-disable-next-line unicorn/no-thenable -- it is the word of the catalogue, and no function
  then,
  budget: budget.optional(),
  budgets: budgets.optional(),
  expect: closed({ pgdog: refusal.optional(), router: refusal.optional() }).default({}),
  provokes: z.array(provoked).default([]),
  marker: markerId.nullable().default(null),
  evidence_for: idList(markerId),
  notes: idList(noteId),
  origin: oneOf('origin', origins),
  source: words.optional(),
  was: words.optional(),
  overlaps: idList(id),
})

export const familySchema = closed({ family: words, entries: z.array(entrySchema) })

export type RawEntry = z.infer<typeof entrySchema>

function compiles(pattern: string): boolean {
  try {
    return new RegExp(pattern) instanceof RegExp
  } catch {
    return false
  }
}
