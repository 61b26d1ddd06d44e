/** A database that lets those through who have lost their claims where it should tell them to reconnect. */
import type { Lie } from './kit/lie.ts'
import { writeLyingSql } from './kit/sql.ts'

export default {
  part: 'sql',
  why: 'lets those through who have lost their claims where it should tell them to reconnect',
  refutes: { 'SEC-124': ['told'] },
} satisfies Lie

if (import.meta.main)
  await writeLyingSql((sql) => sql.replace(/if claims is null then(?=\s+raise exception 'claims missing)/, 'if false then'))
