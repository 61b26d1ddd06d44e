/** The statements by which the router gives a client's parameters to a server session and asks for them again. */
import { literal } from './literal.ts'

export type Parameters = ReadonlyMap<string, string>

/** Whoever loses privileges by one of these could not set the others any more. */
const lastNames = ['session_authorization', 'role']

/** One statement that sets all of them, or none when one is refused; null when there is nothing to set. */
export function applySql(parameters: Parameters): string | null {
  const first = [...parameters].filter(([name]) => !lastNames.includes(name))
  const last = lastNames.flatMap((name) => (parameters.has(name) ? [[name, parameters.get(name) ?? ''] as const] : []))
  const calls = [...first, ...last].map(([name, value]) => setConfig(name, value))
  return calls.length === 0 ? null : `SELECT ${calls.join(', ')}`
}

const setConfig = (name: string, value: string): string => `pg_catalog.set_config(${literal(name)}, ${literal(value)}, false)`

/**
 * Sets again those that stand at their reset value: for the server that is its own default, for the client it is what it started with.
 * A transaction that rolled the RESET back has left them alone, so the server is asked.
 */
export function restoreSql(parameters: Parameters): string | null {
  const calls = [...parameters].map(([name, value]) => `CASE WHEN ${isReset(name)} THEN ${setConfig(name, value)} END`)
  return calls.length === 0 ? null : `SELECT ${calls.join(', ')}`
}

const listed = (name: string, condition = ''): string =>
  `EXISTS (SELECT FROM pg_catalog.pg_settings WHERE pg_catalog.lower(name) = ${literal(name)}${condition})`
const isSet = (name: string): string => listed(name, " AND source = 'session'")
/** These are readable without being in pg_settings; others that are not there may be hidden from this user. */
const mayBeUndeclared = (name: string): boolean => name.includes('.') || name === 'role' || name === 'session_authorization'
const current = (name: string): string => `pg_catalog.current_setting(${literal(name)}, true)`

/** Parameters nobody has declared are not in pg_settings, and read as '' when reset. */
const isReset = (name: string): string =>
  mayBeUndeclared(name)
    ? `CASE WHEN ${listed(name)} THEN NOT ${isSet(name)} ELSE coalesce(${current(name)}, '') = '' END`
    : `NOT ${isSet(name)}`

/** Asked for only when the session has set it: what may not be read would be an error. */
const valueOf = (name: string): string => {
  const hex = `pg_catalog.encode(pg_catalog.convert_to(${current(name)}, 'UTF8'), 'hex')`
  return `CASE WHEN ${isSet(name)}${mayBeUndeclared(name) ? ` OR NOT ${listed(name)}` : ''} THEN ${hex} END`
}

/** One row with, for each name, whether it stands at its reset value and its value as hex of UTF-8. */
export function readSql(names: readonly string[]): string | null {
  const columns = names.map((name) => `${isReset(name)}, ${valueOf(name)}`)
  return columns.length === 0 ? null : `SELECT ${columns.join(', ')}`
}

export interface ReadParameter {
  readonly name: string
  readonly isReset: boolean
  /** null: not set in the session, or unknown to the server. */
  readonly value: string | null
}

/** What `readSql` brought. */
export function readRow(names: readonly string[], row: readonly (string | null)[]): ReadParameter[] {
  return names.map((name, i) => {
    const value = row[2 * i + 1] ?? null
    return { name, isReset: row[2 * i] === 't', value: value === null ? null : Buffer.from(value, 'hex').toString('utf8') }
  })
}
