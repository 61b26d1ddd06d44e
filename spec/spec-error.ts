/** What is wrong with the specification, each problem with its file and line. */

export interface Problem {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** What is wrong and what to do about it. */
  readonly text: string
}

/** Thrown when the specification cannot be used; its message has one `file:line: text` per problem, in order. */
export class SpecError extends Error {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    const sorted = problems.toSorted((a, b) => a.file.localeCompare(b.file) || a.line - b.line)
    super(sorted.map(({ file, line, text }) => `${file}:${line}: ${text}`).join('\n'))
    this.name = 'SpecError'
    this.problems = sorted
  }
}
