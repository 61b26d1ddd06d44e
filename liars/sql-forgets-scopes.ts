/** A database that lets every token write, whatever it is for. */
import type { Lie } from './kit/lie.ts'
import { writeLyingSql } from './kit/sql.ts'

export default {
  part: 'sql',
  why: 'lets every token write, whatever it is for',
  refutes: { 'SEC-011': ['refused'] },
} satisfies Lie

if (import.meta.main) await writeLyingSql((sql) => sql.replaceAll(/create trigger guard_writes[^;]*;/g, ''))
