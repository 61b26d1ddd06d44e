/** A database that binds what a session reads to its tenant, and lets it write what it likes. */
import type { Lie } from './kit/lie.ts'
import { writeLyingSql } from './kit/sql.ts'

export default {
  part: 'sql',
  why: 'binds what a session reads to its tenant, and lets it write what it likes',
  refutes: { 'MT-002': ['unchanged'], 'SEC-005': ['not-changed'] },
} satisfies Lie

if (import.meta.main)
  await writeLyingSql((sql) => sql.replaceAll('with check (tenant_id = (select orochi.tenant_id()))', 'with check (true)'))
