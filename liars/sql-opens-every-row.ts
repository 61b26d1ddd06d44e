/** A database whose policies let every session see every row. */
import type { Lie } from './kit/lie.ts'
import { writeLyingSql } from './kit/sql.ts'

export default {
  part: 'sql',
  why: 'lets every session see every row',
  refutes: { 'MT-001': ['own-rows'], 'MT-003': ['nothing'], 'SEC-005': ['not-read'], 'OROCHI-009': ['own-rows'] },
} satisfies Lie

if (import.meta.main) await writeLyingSql((sql) => sql.replaceAll('using (tenant_id = (select orochi.tenant_id()))', 'using (true)'))
