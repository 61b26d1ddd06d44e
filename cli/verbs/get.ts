/** `get`: installs what some topologies need and the project does not bring along. */
import { getPostgres, type Major } from '../../stack/components/postgres-binary.ts'
import { mustKnow } from '../usage.ts'

const available = ['postgres-14', 'postgres-15', 'postgres-16', 'postgres-17'] as const

export async function get(what: string): Promise<number> {
  mustKnow('thing to get', what, available)
  const programs = getPostgres(Number(what.slice(-2)) as Major)
  console.log(`PostgreSQL ${programs.version} is in ${programs.postgres}`)
  return 0
}
