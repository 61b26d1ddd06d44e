/** Small gates on the tree: sizes of files, and texts that must not be committed. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { sourceFiles } from './arrows.ts'

const projectRoot = resolve(import.meta.dirname, '..')
const ceilings = { source: 250, test: 400 } as const

/** Files longer than the house style allows. */
export function findGiants(): string[] {
  return sourceFiles().flatMap((file) => {
    const lines = readFileSync(join(projectRoot, file), 'utf8').split('\n').length - 1
    const ceiling = file.endsWith('.test.ts') ? ceilings.test : ceilings.source
    return file.includes('/generated/') || lines <= ceiling
      ? []
      : [`${file}: ${lines} lines, at most ${ceiling} are wanted: split it by idea`]
  })
}

/** What names a machine or a registry has no place in the tree. */
const forbidden = [/"resolved": "https?:/, /registry\.[a-z]+js\.org/, /\/(?:home|Users)\/[a-z]+\//] as const

export function findForbiddenTexts(): string[] {
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: projectRoot, encoding: 'utf8' })
    .split('\0')
    .filter((file) => file !== '' && file !== 'ci/gates.ts' && existsSync(join(projectRoot, file)))
  return files.flatMap((file) => {
    const text = readFileSync(join(projectRoot, file), 'utf8')
    return forbidden
      .filter((pattern) => pattern.test(text))
      .map((pattern) => `${file}: holds ${pattern}, which names a machine or a registry`)
  })
}

if (import.meta.main) {
  const found = [...findGiants(), ...findForbiddenTexts()]
  for (const line of found) console.error(line)
  process.exitCode = found.length === 0 ? 0 : 1
}
