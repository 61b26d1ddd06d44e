/** Enforces the import arrows that CONTRIBUTING.md draws: prose and code cannot differ. */
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const projectRoot = resolve(import.meta.dirname, '..')

/** Folder (or sub-folder) → what it may import besides itself. */
export type Arrows = ReadonlyMap<string, readonly string[]>

/** Reads the block that begins with ```arrows. */
export function readArrows(markdown: string): Arrows {
  const block = /```arrows\n([\s\S]*?)```/.exec(markdown)?.[1]
  if (block === undefined) throw new Error('CONTRIBUTING.md has no ```arrows block')
  const rows = block.split('\n').filter((line) => line.includes('→'))
  return new Map(
    rows.map((row) => {
      const [from = '', to = ''] = row.split('→')
      return [
        from.trim(),
        to
          .trim()
          .split(/\s+/)
          .filter((name) => name !== ''),
      ] as const
    }),
  )
}

/** The longest name of the arrows that a path lies in; null outside of all. */
function roomOf(path: string, arrows: Arrows): string | null {
  const rooms = [...arrows.keys()].filter((room) => path === room || path.startsWith(`${room}/`))
  return rooms.toSorted((a, b) => b.length - a.length)[0] ?? null
}

export interface Import {
  /** Both relative to the project. */
  readonly file: string
  readonly line: number
  readonly target: string
}

/** Whether a file may import a target. */
export function isAllowed({ file, target }: Pick<Import, 'file' | 'target'>, arrows: Arrows): boolean {
  const from = roomOf(file, arrows)
  if (from === null) return true
  const allowed = [from, ...(arrows.get(from) ?? [])]
  return allowed.some((room) => target === room || target.startsWith(`${room}/`))
}

/** Every relative import of a file's text. */
export function importsOf(file: string, text: string): Import[] {
  const pattern = /(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g
  return [...text.matchAll(pattern)].map((match) => ({
    file,
    line: text.slice(0, match.index).split('\n').length,
    target: relative(projectRoot, resolve(projectRoot, dirname(file), match[1] ?? '')),
  }))
}

export function sourceFiles(): readonly string[] {
  const skipped = /(^|\/)(node_modules|out|coverage|\.git)(\/|$)/
  return readdirSync(projectRoot, { recursive: true, encoding: 'utf8' }).filter((path) => /\.(ts|mjs)$/.test(path) && !skipped.test(path))
}

/** Forbidden imports, as `file:line: what`. */
export function findForbidden(): string[] {
  const arrows = readArrows(readFileSync(join(projectRoot, 'CONTRIBUTING.md'), 'utf8'))
  const imports = sourceFiles().flatMap((file) => importsOf(file, readFileSync(join(projectRoot, file), 'utf8')))
  return imports
    .filter((one) => !isAllowed(one, arrows))
    .map(
      ({ file, line, target }) => `${file}:${line}: ${roomOf(file, arrows)} must not import ${target}: see the arrows in CONTRIBUTING.md`,
    )
}

if (import.meta.main) {
  const forbidden = findForbidden()
  for (const line of forbidden) console.error(line)
  process.exitCode = forbidden.length === 0 ? 0 : 1
}
