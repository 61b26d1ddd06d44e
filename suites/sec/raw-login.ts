/** A login with any start-up parameters at all, which drivers would not send, and one query behind it. */
import { answered, faultOf, openTlsProbe, textRows, type LoginWish } from '../../fixtures/probe.ts'
import type { Stack } from '../../stack/stack.ts'

export interface RawAttempt {
  /** Severity and SQLSTATE of the refusal, or null for a session. */
  readonly refusal: string | null
  /** What the query brought: the first row, or its error. */
  readonly row: readonly (string | null)[]
}

export interface RawWish {
  readonly token: string
  readonly startup?: LoginWish['startup']
  readonly user?: string
  readonly database?: string
  readonly sql?: string
}

export async function attemptRaw({ door, role }: Stack, wish: RawWish): Promise<RawAttempt> {
  const { token, startup, user = role, database = door.database, sql = 'select 1' } = wish
  await using probe = await answered(openTlsProbe(door, { ca: door.ca, servername: door.servername }), 'TLS')
  const login = await probe.logIn({ user, database, password: token, ...(startup === undefined ? {} : { startup }) })
  if (!login.ok)
    return { refusal: login.error ? `${login.error.severity} ${login.error.sqlstate}` : (login.trouble?.message ?? 'cut'), row: [] }
  const answer = await answered(probe.query(sql), sql)
  probe.quit()
  return { refusal: null, row: answer.ok ? (textRows(answer)[0] ?? []) : [faultOf(answer)] }
}
