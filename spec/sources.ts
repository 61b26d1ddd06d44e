/** Digests of our own sources: a proof holds for the test, the kit and the parts it was made with, and for no others. */
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

const projectRoot = resolve(import.meta.dirname, '..')

/** SHA-256 (hex) over the sources of folders and files of the project, in name order; unit tests do not count. */
export function digestSources(paths: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of paths.flatMap((path) => filesOf(resolve(projectRoot, path))).toSorted())
    hash.update(`${file.slice(projectRoot.length)}\0`).update(readFileSync(file))
  return hash.digest('hex')
}

function filesOf(path: string): string[] {
  if (/\.[a-z]+$/.test(path)) return [path]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(
      (entry) =>
        entry.isFile() &&
        /(?<!\.test)\.(ts|mjs|sql)$/.test(entry.name) &&
        !/(node_modules|testing)/.test(entry.parentPath.slice(projectRoot.length)),
    )
    .map((entry) => join(entry.parentPath, entry.name))
}

/** The digest of a test file together with what stands beside it for tests to share. */
export function digestTest(testFile: string): string {
  return digestSources([dirname(testFile), testFile])
}

/** What decides how a body is run and judged. */
export const kitSources = [
  'suites/kit.ts',
  'suites/kit',
  'fixtures',
  'spec/verdict.ts',
  'perf/measure.ts',
  'perf/measure',
  'perf/generator',
]
/** What was run. */
export const partSources = ['reference', 'stack']
