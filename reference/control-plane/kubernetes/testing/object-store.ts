/** Objects with versions, and everything that happened to them for those who watch. */
import { applyTo, updateTo, type Conflict, type Managed, type Tree } from './merge.ts'

export interface Stored {
  readonly object: Tree
  readonly managed: Managed
}

interface Happened {
  readonly version: number
  readonly path: string
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: Tree
}

type Hear = (event: { readonly type: string; readonly object: object }) => void

export class ObjectStore {
  version = 1
  /** Watches from before it are told that they are too old. */
  oldest = 0
  pageSize = 1000
  readonly #objects = new Map<string, Stored>()
  readonly #history: Happened[] = []
  readonly #followers = new Set<(happened: Happened) => void>()
  /** Heard after each change: where a test puts controllers in. */
  readonly controllers: ((path: string, name: string) => void)[] = []

  get(path: string, name: string): Stored | undefined {
    return this.#objects.get(`${path}/${name}`)
  }

  list(path: string, selector: string): readonly Tree[] {
    return [...this.#objects]
      .filter(([key]) => key.startsWith(`${path}/`))
      .map(([, { object }]) => object)
      .filter((object) => fits(object, selector))
  }

  all(): readonly string[] {
    return [...this.#objects.keys()].map((key) => key.split('/').slice(-2).join('/')).toSorted()
  }

  apply(path: string, name: string, manager: string, wanted: Tree, force: boolean): readonly Conflict[] {
    const stored = this.#draft(path, name, wanted)
    const conflicts = applyTo(stored.object, stored.managed, manager, wanted, force)
    if (conflicts.length === 0) this.#put(path, name, stored)
    return conflicts
  }

  update(path: string, name: string, manager: string, changes: Tree): void {
    const stored = this.#draft(path, name, changes)
    updateTo(stored.object, stored.managed, manager, changes)
    this.#put(path, name, stored)
  }

  delete(path: string, name: string): void {
    const stored = this.get(path, name)
    if (stored === undefined) return
    this.#objects.delete(`${path}/${name}`)
    this.#tell(path, 'DELETED', {
      ...stored.object,
      metadata: { ...(stored.object['metadata'] as Tree), resourceVersion: String(++this.version) },
    })
    for (const controller of this.controllers) controller(path, name)
  }

  follow(path: string, selector: string, since: number, hear: Hear): () => void {
    const follower = ({ path: at, type, object }: Happened) => void (at === path && fits(object, selector) && hear({ type, object }))
    this.#history.filter(({ version }) => version > since).forEach(follower)
    this.#followers.add(follower)
    return () => this.#followers.delete(follower)
  }

  #draft(path: string, name: string, { apiVersion, kind }: Tree): Stored {
    const existing = this.get(path, name)
    if (existing !== undefined) return structuredClone(existing)
    const identity = { name, uid: `uid-${this.version}` }
    return {
      object: { ...(apiVersion === undefined ? {} : { apiVersion }), ...(kind === undefined ? {} : { kind }), metadata: identity },
      managed: new Map(),
    }
  }

  #put(path: string, name: string, stored: Stored): void {
    const before = this.get(path, name)
    const metadata = stored.object['metadata'] as Tree
    const managedFields = [...stored.managed.keys()].map((key) => ({ manager: key.split('/')[0]!, time: new Date().toISOString() }))
    stored.object['metadata'] = { ...metadata, resourceVersion: String(++this.version), managedFields }
    this.#objects.set(`${path}/${name}`, stored)
    this.#tell(path, before === undefined ? 'ADDED' : 'MODIFIED', stored.object)
    for (const controller of this.controllers) controller(path, name)
  }

  #tell(path: string, type: Happened['type'], object: Tree): void {
    const happened = { version: this.version, path, type, object: structuredClone(object) }
    this.#history.push(happened)
    for (const follower of this.#followers) follower(happened)
  }
}

function fits(object: Tree, selector: string): boolean {
  const labels = ((object['metadata'] as Tree)['labels'] ?? {}) as Tree
  return selector.split(',').every((term) => term === '' || labels[term.split('=')[0]!] === term.split('=')[1])
}
