/** Which entries a run takes in, and for each of the others why not. */
import type { Entry } from '../spec/entry.ts'
import type { Spec } from '../spec/load.ts'
import { matchesTags } from './tag-expression.ts'
import { mustKnow, UsageError } from './usage.ts'

export interface Wish {
  /** Any case; empty for all. */
  readonly families: readonly string[]
  readonly ids: readonly string[]
  /** p0, p1 or p2: this and everything more important. */
  readonly priority: string | null
  /** `suite/jwt and not needs/docker`. */
  readonly tags: string | null
}

export interface Choice {
  readonly entry: Entry
  readonly in: boolean
  readonly why: string
}

/** One choice for each entry; throws UsageError on unknown names and when nothing is left. */
export function choose(spec: Spec, wish: Wish): readonly Choice[] {
  refuseUnknown(spec, wish)
  const choices = [...spec.entries.values()].map((entry): Choice => {
    const against = objection(entry, wish)
    return { entry, in: against === null, why: against ?? 'live' }
  })
  if (choices.every((choice) => !choice.in)) throw new UsageError(`nothing is selected: ${emptyBecause(choices, wish)}`)
  return choices
}

function refuseUnknown(spec: Spec, { families, ids, priority }: Wish): void {
  const known = [...new Set([...spec.entries.values()].map((entry) => entry.family.toLowerCase()))]
  for (const family of families) mustKnow('family', family.toLowerCase(), known)
  for (const id of ids) mustKnow('entry', id.toUpperCase(), [...spec.entries.keys()])
  if (priority !== null) mustKnow('priority', priority.toLowerCase(), ['p0', 'p1', 'p2'])
}

/** Why an entry is not taken in, or null. */
function objection(entry: Entry, { families, ids, priority, tags }: Wish): string | null {
  if (ids.length > 0 && !ids.some((id) => id.toUpperCase() === entry.id)) return 'another id was asked for'
  if (families.length > 0 && !families.some((family) => family.toLowerCase() === entry.family.toLowerCase()))
    return 'another family was asked for'
  if (priority !== null && entry.priority.toLowerCase() > priority.toLowerCase())
    return `its priority ${entry.priority} is below ${priority.toUpperCase()}`
  if (tags !== null && !matchesTags(tags, tagsOf(entry))) return 'its tags do not match'
  return entry.status === 'planned' ? 'planned: no suite proves it yet' : null
}

export function tagsOf(entry: Entry): readonly string[] {
  return [
    `suite/${entry.family.toLowerCase()}`,
    `prio/${entry.priority.toLowerCase()}`,
    `id/${entry.id}`,
    `kind/${entry.kind}`,
    ...entry.needs.map((need) => `needs/${need}`),
  ]
}

function emptyBecause(choices: readonly Choice[], { ids, families, tags }: Wish): string {
  const planned = choices.filter((choice) => choice.why.startsWith('planned'))
  const asked = [...ids, ...families, ...(tags === null ? [] : [tags])].join(' ')
  if (planned.length > 0 && asked !== '')
    return `${planned.length} entries of "${asked}" are planned, none is live; \`npm run list\` shows which are`
  return `no live entry matches ${asked === '' ? 'that' : `"${asked}"`}; \`npm run list\` shows which are`
}
