/** A database that keeps no record of what super-administrators look at. */
import type { Lie } from './kit/lie.ts'
import { writeLyingSql } from './kit/sql.ts'

export default {
  part: 'sql',
  why: 'keeps no record of what super-administrators look at',
  refutes: { 'MT-004': ['audited'] },
} satisfies Lie

if (import.meta.main)
  await writeLyingSql((sql) =>
    sql.replaceAll(/raise log 'orochi[^;]*;/g, '').replaceAll(/insert into orochi\.super_admin_access[^;]*;/g, 'null;'),
  )
