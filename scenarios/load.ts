/** A load is what clients do while faults come and go: it plants its rows, says each client's next deed, and reads the truth at the end. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { nearest } from '../spec/nearest.ts'
import type { Capability } from '../spec/capability.ts'
import type { Deed } from './client/client.ts'
import type { Ground } from './ground.ts'
import type { Json } from './history/record.ts'

/** What decides a client's next deed: nothing else may, so that a seed repeats it. */
export interface Chance {
  /** In [0, 1). */
  random(): number
  readonly process: number
  /** Counts the deeds of this client from 0. */
  readonly turn: number
}

export interface PreparedLoad {
  /** What checks need to know about the rows it planted. */
  readonly facts: Json
  next(chance: Chance): Omit<Deed, 'load'>
  /** The rows as the servers have them, once all is quiet. */
  truth(): Promise<Json>
}

export interface Load {
  readonly name: string
  readonly needs: readonly Capability[]
  /** The tenant whose token a client has; left out: all have the same. */
  tenantOf?(process: number): string
  prepare(ground: Ground): Promise<PreparedLoad>
}

/** A name that nobody knows: one clear sentence. */
export class UnknownName extends Error {
  constructor(what: string, name: string, known: readonly string[]) {
    const near = nearest(name, known)
    super(`there is no ${what} "${name}": ${near === null ? `known are ${known.join(', ')}` : `did you mean ${near}?`}`)
    this.name = 'UnknownName'
  }
}

/** Files of a folder that are plug-ins: named by what they are. */
export function pluginsIn(folder: string): readonly string[] {
  return readdirSync(join(import.meta.dirname, folder))
    .filter((file) => /^[a-z][a-z0-9-]*\.ts$/.test(file) && !file.endsWith('.test.ts'))
    .map((file) => file.replace(/\.ts$/, ''))
    .toSorted()
}

/** What a plug-in's file exports by default. */
export async function loadPlugin<T>(folder: string, what: string, name: string): Promise<T> {
  const known = pluginsIn(folder)
  if (!known.includes(name)) throw new UnknownName(what, name, known)
  const { default: found } = (await import(pathToFileURL(join(import.meta.dirname, folder, `${name}.ts`)).href)) as { default: T }
  return found
}

export const loadNamed = (name: string): Promise<Load> => loadPlugin<Load>('loads', 'load', name)
