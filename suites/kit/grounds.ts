/** Digests of what a proof rests on: the entry's words, its test file, the kit and the parts that ran. */
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Entry } from '../../spec/entry.ts'
import type { Grounds } from '../../spec/evidence.ts'

const root = join(import.meta.dirname, '..', '..')

/** SHA-256 (hex) over the sources of some folders and files, in name order; tests of the folders do not count. */
export function digestSources(paths: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of paths.flatMap((path) => sources(join(root, path))).toSorted())
    hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex')
}

function sources(path: string): string[] {
  if (/\.[a-z]+$/.test(path)) return [path]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(
      (entry) =>
        entry.isFile() &&
        /\.(ts|mjs|sql)$/.test(entry.name) &&
        !entry.name.endsWith('.test.ts') &&
        !entry.parentPath.includes('node_modules'),
    )
    .map((entry) => join(entry.parentPath, entry.name))
}

/** The folders whose sources decide what a kit does, and those of the parts we ship. */
export const kitSources = ['suites/kit.ts', 'suites/kit', 'fixtures']
export const partSources = ['reference', 'stack']

export function groundsOf(entry: Entry, testFile: string, kit: string, parts: string): Grounds {
  return { entry: entry.digest, testFile: digestSources([testFile]), kit, parts }
}
