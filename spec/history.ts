/** Ids that were ever published: none may vanish or come back without a word in `version.yaml` and `CHANGELOG.md`. */
import type { Version } from './checklist-schema.ts'
import type { Checked } from './document.ts'
import type { Problem } from './spec-error.ts'

export interface History {
  readonly version: Checked<Version>
  /** Text of `generated/published.txt`: one id a line. */
  readonly published: string
  readonly changelog: string
  readonly changelogFile: string
}

export function checkHistory({ version, published, changelog, changelogFile }: History, present: ReadonlySet<string>): Problem[] {
  if (version.value === null) return []
  const { version: current, removed } = version.value
  const { file, lineOf } = version
  const gone = new Set(removed.map(({ id }) => id))
  const vanished = idsIn(published).filter((id) => !present.has(id) && !gone.has(id))
  const problems = vanished.map((id) => ({
    file,
    line: 1,
    text: `${id} was published and is gone: bring it back, or say under "removed" since when and why`,
  }))
  for (const [at, { id }] of removed.entries()) {
    const line = lineOf(['removed', at])
    if (present.has(id))
      problems.push({ file, line, text: `${id} is removed and stands in the specification: give the new one another id` })
    if (!changelog.includes(id)) problems.push({ file, line, text: `${id} is removed and ${changelogFile} does not say so: add a line` })
  }
  const newest = /^## (\S+)/m.exec(changelog)?.[1]
  if (newest !== current)
    problems.push({
      file: changelogFile,
      line: 1,
      text: `the newest heading is "${newest ?? 'none'}", the version is ${current}: add "## ${current}"`,
    })
  return problems
}

/** The published ids with those that are new, in order; ids only ever join. */
export function publish(published: string, present: Iterable<string>): string {
  return `${[...new Set([...idsIn(published), ...present])].toSorted().join('\n')}\n`
}

function idsIn(published: string): string[] {
  return published.split('\n').filter((line) => line !== '')
}
