/** Server-side apply as our fake does it: who manages which field, what conflicts, and what goes when nobody manages it any more. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
export type Tree = { [key: string]: Json }

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Leaves by path; lists are one leaf. Identity is nobody's to manage. */
export function leavesOf(tree: Tree, prefix = ''): Map<string, Json> {
  const found = new Map<string, Json>()
  for (const [key, value] of Object.entries(tree)) {
    const path = `${prefix}.${key.replaceAll('.', '\\.')}`
    if (isTree(value) && Object.keys(value).length > 0) for (const [inner, leaf] of leavesOf(value, path)) found.set(inner, leaf)
    else if (!identity.has(path)) found.set(path, value)
  }
  return found
}

const identity = new Set(['.apiVersion', '.kind', '.metadata.name', '.metadata.namespace', '.metadata.resourceVersion', '.metadata.uid'])

const partsOf = (path: string) =>
  path
    .slice(1)
    .split(/(?<!\\)\./)
    .map((part) => part.replaceAll('\\.', '.'))

export function setLeaf(tree: Tree, path: string, value: Json): void {
  const parts = partsOf(path)
  const last = parts.pop()!
  let at = tree
  for (const part of parts) at = (isTree(at[part]) ? at[part] : (at[part] = {})) as Tree
  at[last] = value
}

export function dropLeaf(tree: Tree, path: string): void {
  const parts = partsOf(path)
  const last = parts.pop()!
  let at: Tree | undefined = tree
  for (const part of parts) at = isTree(at?.[part]) ? (at[part] as Tree) : undefined
  if (at !== undefined) delete at[last]
}

export function getLeaf(tree: Tree, path: string): Json | undefined {
  let at: Json | undefined = tree
  for (const part of partsOf(path)) at = isTree(at) ? at[part] : undefined
  return at
}

export interface Conflict {
  readonly field: string
  readonly manager: string
}

/** By manager and operation: the fields that are theirs. */
export type Managed = Map<string, Set<string>>

/** Null: no conflict, and `target` is changed. */
export function applyTo(target: Tree, managed: Managed, manager: string, wanted: Tree, force: boolean): readonly Conflict[] {
  const self = `${manager}/Apply`
  const leaves = leavesOf(wanted)
  const others = [...managed].filter(([name]) => name !== self)
  const differing = [...leaves].filter(([path, value]) => JSON.stringify(getLeaf(target, path)) !== JSON.stringify(value))
  const conflicts = differing.flatMap(([path]) =>
    others.filter(([, paths]) => paths.has(path)).map(([name]) => ({ field: path, manager: name.split('/')[0]! })),
  )
  if (conflicts.length > 0 && !force) return conflicts
  for (const { field } of conflicts) for (const [, paths] of others) paths.delete(field)
  for (const path of managed.get(self) ?? []) if (!leaves.has(path) && !others.some(([, paths]) => paths.has(path))) dropLeaf(target, path)
  for (const [path, value] of leaves) setLeaf(target, path, value)
  managed.set(self, new Set(leaves.keys()))
  return []
}

/** An update takes what it changes, without asking. */
export function updateTo(target: Tree, managed: Managed, manager: string, changes: Tree): void {
  const self = `${manager}/Update`
  const own = managed.get(self) ?? new Set<string>()
  for (const [path, value] of leavesOf(changes)) {
    if (JSON.stringify(getLeaf(target, path)) === JSON.stringify(value)) continue
    setLeaf(target, path, value)
    for (const paths of managed.values()) paths.delete(path)
    own.add(path)
  }
  managed.set(self, own)
}
