/** What the interfaces cite, and that their targets are those of the entries. */
import type { Checked } from './document.ts'
import type { Entry } from './entry.ts'
import type { Interfaces } from './interfaces-schema.ts'
import type { Mention, Mentions } from './references.ts'
import type { Problem } from './spec-error.ts'

/** Every note and marker named anywhere in the file. */
export function interfacesMentions({ file, value, lineOf }: Checked<Interfaces>): Mentions {
  const cited: Mention[] = []
  const walk = (inner: unknown, path: readonly PropertyKey[]): void => {
    if (inner === null || typeof inner !== 'object') return
    for (const [key, next] of Object.entries(inner)) {
      const at = [...path, Array.isArray(inner) ? Number(key) : key]
      if (path.at(-1) === 'notes') cited.push({ kind: 'note', name: String(next), file, line: lineOf(at) })
      if (key === 'marker' && typeof next === 'string') cited.push({ kind: 'marker', name: next, file, line: lineOf(at) })
      walk(next, at)
    }
  }
  walk(value, [])
  return { defined: [], cited }
}

/** A target and the budget of the entry of the same id must say the same. */
export function checkTargets({ file, value, lineOf }: Checked<Interfaces>, entries: ReadonlyMap<string, Entry>): Problem[] {
  return (value?.targets ?? []).flatMap((target, at) => {
    const budget = entries.get(target.id)?.budget
    if (budget === undefined) return []
    const same = budget !== null && budget.op === target.op && budget.value === target.value && budget.unit === target.unit
    return same
      ? []
      : [{ file, line: lineOf(['targets', at]), text: `the target of ${target.id} is not the budget of the entry: make them equal` }]
  })
}
