/** The liars of the project, found by their files, and which clauses of the specification no liar refutes. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Lie } from '../liars/kit/lie.ts'
import type { Spec } from '../spec/load.ts'
import { liarsFolder } from './project.ts'
import { UsageError } from './usage.ts'

export interface Liar extends Lie {
  readonly name: string
}

export interface NamedClause {
  readonly id: string
  readonly clause: string
}

export async function readLiars(folder: string = liarsFolder()): Promise<readonly Liar[]> {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile() && /(?<!\.test)\.ts$/.test(entry.name))
  return Promise.all(files.toSorted((a, b) => a.name.localeCompare(b.name)).map(({ name }) => readLiar(folder, name)))
}

async function readLiar(folder: string, file: string): Promise<Liar> {
  const { default: lie } = (await import(pathToFileURL(join(folder, file)).href)) as { default?: Lie }
  if (lie?.part === undefined || lie.refutes === undefined)
    throw new UsageError(`liars/${file} does not say what it lies about: give it a default export { part, why, refutes }`)
  return { ...lie, name: file.replace(/\.ts$/, '') }
}

export function clausesOf(liar: Lie): readonly NamedClause[] {
  return Object.entries(liar.refutes).flatMap(([id, clauses]) => clauses.map((clause) => ({ id, clause })))
}

/** Clauses that a liar names and the specification does not know, or that no suite tries to prove. */
export function misnamedClauses(spec: Spec, liars: readonly Liar[]): readonly string[] {
  return liars.flatMap((liar) =>
    clausesOf(liar).flatMap(({ id, clause }) => {
      const entry = spec.entries.get(id)
      if (entry?.status !== 'live') return [`${liar.name} names ${id}, which is no live entry`]
      return entry.clauses.some((known) => known.key === clause) ? [] : [`${liar.name} names ${id} ${clause}, which is no clause of it`]
    }),
  )
}

/** Clauses of live entries that no liar names. */
export function toothlessClauses(spec: Spec, liars: readonly Liar[]): readonly string[] {
  const bitten = new Set(liars.flatMap(clausesOf).map(({ id, clause }) => `${id} ${clause}`))
  const live = [...spec.entries.values()].filter((entry) => entry.status === 'live')
  return live.flatMap((entry) => entry.clauses.map((clause) => `${entry.id} ${clause.key}`)).filter((name) => !bitten.has(name))
}

/** A sample that the seed alone decides. */
export function sampleOf<T extends { readonly name: string }>(from: readonly T[], count: number, seed: string): readonly T[] {
  const weight = ({ name }: T) =>
    Array.from(Buffer.from(`${seed}/${name}`)).reduce((hash, char) => Math.imul(hash ^ char, 0x0100_0193) >>> 0, 0x811c_9dc5)
  return from.toSorted((a, b) => weight(a) - weight(b)).slice(0, count)
}
