/** What is known of the tables of one sharded database: from the configuration, and from the servers' catalogues. */
import type { KeyType } from '../routing/hash.ts'

export interface ShardedTable {
  readonly name: string
  readonly column: string
  readonly type: KeyType
}

export interface KnownColumn {
  readonly name: string
  /** Its default may differ from shard to shard: a sequence, the time, … */
  readonly unstableDefault: boolean
  /** Computed from others: COPY does not give it. */
  readonly generated?: boolean
}

/** Read from a server; renewed after DDL. */
export interface Catalogue {
  /** Columns in order, by table name, of tables and views outside of the system's schemas. */
  readonly columns: ReadonlyMap<string, readonly KnownColumn[]>
  /** Views that stand on sharded tables. */
  readonly views: ReadonlySet<string>
  /** Partitions and children of sharded tables, with the name of the table they belong to. */
  readonly children: ReadonlyMap<string, string>
  /** Names of aggregate and window functions. */
  readonly aggregates: ReadonlySet<string>
  /** Of the functions with this name at least one is volatile, or came into being since and may be. */
  readonly isVolatile: (name: string) => boolean
  /** No column has a collation of its own, so that equal and ordered mean the same wherever values are compared. */
  readonly oneCollation: boolean
}

export type Placement =
  | { readonly kind: 'sharded'; readonly table: ShardedTable }
  | { readonly kind: 'reference' }
  /** Not named in the configuration: it lives on shard 0. */
  | { readonly kind: 'home' }
  /** The system's own: the same everywhere. */
  | { readonly kind: 'system' }
  | { readonly kind: 'view' }

export class Tables {
  readonly catalogue: Catalogue
  readonly #sharded: ReadonlyMap<string, ShardedTable>
  readonly #reference: ReadonlySet<string>

  /** There is one shard: whatever does not go to a replica goes to its primary, and nothing has to be refused. */
  readonly isSingle: boolean

  constructor(sharded: readonly ShardedTable[], reference: readonly string[], catalogue: Catalogue, isSingle = false) {
    this.catalogue = catalogue
    this.isSingle = isSingle
    this.#sharded = new Map(sharded.map((table) => [table.name, table]))
    this.#reference = new Set(reference)
  }

  place(schema: string | undefined, name: string): Placement {
    if (schema === 'information_schema' || schema === 'pg_catalog' || (schema === undefined && /^pg_/.test(name))) return { kind: 'system' }
    const table = this.#named(this.#sharded, schema, name) ?? this.#parent(name)
    if (table) return { kind: 'sharded', table }
    if (this.#reference.has(name) || this.#reference.has(`${schema}.${name}`)) return { kind: 'reference' }
    return this.catalogue.views.has(name) ? { kind: 'view' } : { kind: 'home' }
  }

  /** Whether a table has the column; null when nobody knows. */
  hasColumn(name: string, column: string): boolean | null {
    const known = this.catalogue.columns.get(name)
    return known ? known.some((one) => one.name === column) : null
  }

  #named(map: ReadonlyMap<string, ShardedTable>, schema: string | undefined, name: string): ShardedTable | undefined {
    return map.get(name) ?? map.get(`${schema ?? 'public'}.${name}`)
  }

  #parent(name: string): ShardedTable | undefined {
    const parent = this.catalogue.children.get(name)
    return parent === undefined ? undefined : this.#named(this.#sharded, undefined, parent)
  }
}
