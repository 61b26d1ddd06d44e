/** Faults that were found once, kept as files: each is played again by the tests. */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Script } from './script.ts'

export interface Kept {
  /** What went wrong when it was found. */
  readonly finding: string
  readonly seed: string
  readonly script: Script
  /** What was sent then. */
  readonly hex: string
}

export const corpusFolder = join(import.meta.dirname, 'corpus')

export function readCorpus(folder = corpusFolder): readonly (Kept & { readonly file: string })[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({ ...(JSON.parse(readFileSync(join(folder, file), 'utf8')) as Kept), file }))
}

/** Named by the leg and the script, so that one found twice is kept once. */
export function keep(kept: Kept, folder = corpusFolder): string {
  mkdirSync(folder, { recursive: true })
  const name = `${kept.script.leg}-${createHash('sha256').update(JSON.stringify(kept.script)).digest('hex').slice(0, 10)}.json`
  writeFileSync(join(folder, name), `${JSON.stringify(kept, null, 2)}\n`)
  return join(folder, name)
}
