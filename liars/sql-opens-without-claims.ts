/** A database that takes a session without claims for one that may see everything. */
import type { Lie } from './kit/lie.ts'
import { writeLyingSql } from './kit/sql.ts'

export default {
  part: 'sql',
  why: 'takes a session without claims for one that may see everything',
  refutes: { 'SEC-124': ['closed'] },
} satisfies Lie

if (import.meta.main)
  await writeLyingSql((sql) =>
    sql.replaceAll(
      'using (tenant_id = (select orochi.tenant_id()))',
      'using (tenant_id = coalesce((select orochi.tenant_id()), tenant_id))',
    ),
  )
