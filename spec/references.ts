/** Names that the files of the specification define, names that they cite, and whether the two agree. */
import { hint } from './nearest.ts'
import type { Problem } from './spec-error.ts'

export type Kind = 'entry' | 'marker' | 'note' | 'item' | 'owner'

/** A name where it is defined or cited. */
export interface Mention {
  readonly kind: Kind
  readonly name: string
  readonly file: string
  readonly line: number
}

/** What one file defines and cites. */
export interface Mentions {
  readonly defined: readonly Mention[]
  readonly cited: readonly Mention[]
}

/** A name that is defined twice, and a name that is cited but defined nowhere. */
export function checkMentions({ defined, cited }: Mentions): Problem[] {
  return [...doubles(defined), ...dangling(defined, cited)]
}

function doubles(defined: readonly Mention[]): Problem[] {
  const first = new Map<string, Mention>()
  const problems: Problem[] = []
  for (const mention of defined) {
    const { kind, name, file, line } = mention
    const earlier = first.get(`${kind} ${name}`)
    if (earlier === undefined) first.set(`${kind} ${name}`, mention)
    else problems.push({ file, line, text: `${name} stands twice, first at ${earlier.file}:${earlier.line}: give one of them another id` })
  }
  return problems
}

function dangling(defined: readonly Mention[], cited: readonly Mention[]): Problem[] {
  const known = Map.groupBy(defined, ({ kind }) => kind)
  return cited.flatMap(({ kind, name, file, line }) => {
    const names = new Set(known.get(kind)?.map((mention) => mention.name))
    return names.has(name) ? [] : [{ file, line, text: `there is no ${kind} ${name}: ${hint(name, names)}` }]
  })
}

/** All mentions of several files together. */
export function joinMentions(all: readonly Mentions[]): Mentions {
  return { defined: all.flatMap((one) => one.defined), cited: all.flatMap((one) => one.cited) }
}
