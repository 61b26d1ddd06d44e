/** A database whose verification looks its functions up in the search path of whoever calls it. */
import type { Lie } from './kit/lie.ts'
import { writeLyingSql } from './kit/sql.ts'

export default {
  part: 'sql',
  why: 'looks the functions of its verification up in the search path of whoever calls it',
  refutes: { 'SEC-128': ['shadowed'] },
} satisfies Lie

if (import.meta.main)
  await writeLyingSql((sql) => sql.replace(/(create function orochi\.claims\(\)[^$]*?)set search_path = pg_catalog, pg_temp\n/, '$1'))
