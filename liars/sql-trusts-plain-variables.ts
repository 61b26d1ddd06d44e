/** A database that takes the tenant from a variable that everybody can set. */
import type { Lie } from './kit/lie.ts'
import { writeLyingSql } from './kit/sql.ts'

export default {
  part: 'sql',
  why: 'takes the tenant from a variable that everybody can set',
  refutes: { 'MT-005': ['tenant'], 'SEC-123': ['tenant', 'rows'] },
} satisfies Lie

if (import.meta.main)
  await writeLyingSql((sql) => sql.replace(`return orochi.claims() ->> 'tenant_id'`, `return current_setting('orochi.tenant_id', true)`))
