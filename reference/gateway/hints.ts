/** What a client says about where it wants to go, taken out of its start-up packet where that is allowed. */
import type { Setting } from './options-text.ts'
import { Refusal } from './reasons.ts'
import type { fallbacks } from './route-config.ts'
import type { Hints } from './routes.ts'

export interface HintTerms {
  /** Host name of this connection's own TLS handshake. */
  readonly host: string | null
  readonly fallbacks: readonly (typeof fallbacks)[number][]
}

export const noHints: HintTerms = { host: null, fallbacks: [] }

/** As a setting in `options`; it is no setting of Postgres, and is not passed on. */
const routeSetting = 'route'

export interface Sorted {
  readonly database: string
  readonly settings: readonly Setting[]
  readonly hints: Hints
}

/** Where hints are not allowed nothing is one: the name and the settings stay as they are, and are judged as such. */
export function takeHints(database: string, options: readonly Setting[], { host, fallbacks: allowed }: HintTerms): Sorted {
  const [name, inName] = allowed.includes('database') ? splitName(database) : [database, null]
  const [settings, inOptions] = allowed.includes('options') ? splitSettings(options) : [options, null]
  return { database: name, settings, hints: { host, options: inOptions, database: inName } }
}

/** `name@cluster.branch`. */
function splitName(database: string): [string, string | null] {
  const at = database.lastIndexOf('@')
  return at < 0 ? [database, null] : [database.slice(0, at), database.slice(at + 1)]
}

function splitSettings(options: readonly Setting[]): [Setting[], string | null] {
  const isHint = ([name]: Setting) => name.toLowerCase() === routeSetting
  const [hint, ...more] = options.filter(isHint)
  if (more.length > 0) throw new Refusal('protocol_violation', { detail: 'a route was named twice in options' })
  return [options.filter((setting) => !isHint(setting)), hint?.[1] ?? null]
}
