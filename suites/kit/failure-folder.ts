/** One folder per failure: logs, state of every part, recent traffic, and the command that repeats just this entry. */
import type { Entry } from '../../spec/entry.ts'
import type { Stack } from '../../stack/stack.ts'
import type { EvidenceLog } from './evidence-log.ts'
import type { Marks } from './log-scan.ts'
import type { Run } from './run.ts'
import type { Secrets } from './secrets.ts'

export interface Failure {
  readonly run: Run
  readonly entry: Entry
  readonly stack: Stack | null
  readonly marks: Marks
  readonly why: string
}

/** The command line that runs this entry again, with the same seed and system. */
export function repeatCommand(run: Run, entry: Entry): string {
  return (run.repeat ?? `npm run suite -- --id {id} --seed ${run.seed}`).replace('{id}', entry.id)
}

/** Writes the folder (secrets blanked) and attaches it to the evidence. */
export async function keepFailure(failure: Failure, log: EvidenceLog, secrets: Secrets): Promise<void> {
  const { run, entry, stack, marks, why } = failure
  const pooler = stack?.setting.pooler ?? run.pooler ?? 'none'
  const keep = (name: string, content: string) => {
    const file = log.store(`failures/${entry.id}-${pooler}-${run.attempt}/${name}`, secrets.blank(content))
    log.append({ kind: 'attached', entry: entry.id, attempt: run.attempt, name, ...file })
  }
  keep('README.txt', `${entry.id} ${entry.title}\n\n${why}\n\nRepeat just this:\n  ${repeatCommand(run, entry)}\n`)
  if (stack === null) return
  for (const part of stack.parts())
    keep(
      `${part.name}.log`,
      part
        .logSince(marks.get(part.name) ?? 0)
        .map((line) => line.text)
        .join('\n'),
    )
  keep('state.json', JSON.stringify(await stack.snapshot(), null, 2))
  for (const link of stack.links())
    keep(
      `link-${link.target}.jsonl`,
      link
        .recent()
        .map((message) => JSON.stringify(message))
        .join('\n'),
    )
}
