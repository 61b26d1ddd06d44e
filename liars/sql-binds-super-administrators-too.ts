/** A database that gives super-administrators no more than tenants. */
import type { Lie } from './kit/lie.ts'
import { writeLyingSql } from './kit/sql.ts'

export default {
  part: 'sql',
  why: 'gives super-administrators no more than tenants',
  refutes: { 'MT-004': ['all'] },
} satisfies Lie

if (import.meta.main) await writeLyingSql((sql) => sql.replaceAll(/create policy every_tenant[^;]*;/g, ''))
