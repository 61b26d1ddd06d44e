/** Which start-up parameters of a client are passed on: those of a short list, with values that cannot hurt a pooler on the way. */
import type { StartupPacket } from '../wire/index.ts'
import { noHints, takeHints, type HintTerms } from './hints.ts'
import { readOptions, type Setting } from './options-text.ts'
import { Refusal } from './reasons.ts'
import { readReplication } from './replication.ts'
import type { Hints } from './routes.ts'

export interface ClientWishes {
  readonly user: string
  readonly database: string
  readonly hints: Hints
  /** Settings to pass on, by their own spelling. */
  readonly settings: ReadonlyMap<string, string>
  /** How it wants to replicate; null: it does not. */
  readonly replication: string | null
  /** Protocol options (`_pq_.…`) we do not know; the client is told. */
  readonly unknownOptions: readonly string[]
}

const passedOn: ReadonlyMap<string, string> = new Map(
  [
    'application_name',
    'client_encoding',
    'DateStyle',
    'TimeZone',
    'IntervalStyle',
    'extra_float_digits',
    'statement_timeout',
    'lock_timeout',
    'idle_in_transaction_session_timeout',
  ].map((name) => [name.toLowerCase(), name]),
)

/** Identity and routing are the gateway's to say. */
const ours = /^(?:(?:orochi|request|pgdog)\.|role$|session_authorization$)/

const maxValueLength = 255

/** Sorts out a start-up packet. Throws a Refusal for what may not or cannot be passed on. */
export function readWishes(startup: StartupPacket & { readonly kind: 'startup' }, terms: HintTerms = noHints): ClientWishes {
  const named = byName(startup.parameters)
  const [user = '', database = ''] = [named.get('user'), named.get('database')]
  if (user === '') throw new Refusal('protocol_violation', { detail: 'no user in the start-up packet' })
  const sorted = takeHints(database === '' ? user : database, optionsOf(named), terms)
  return {
    user,
    database: sorted.database,
    hints: sorted.hints,
    settings: checkAll([...sorted.settings, ...[...named].filter(([name]) => !isOurBusiness(name))]),
    replication: readReplication(named.get('replication')),
    unknownOptions: [...named.keys()].filter(isProtocolOption),
  }
}

/** A name said twice has two meanings, depending on who reads it. */
function byName(parameters: readonly Setting[]): ReadonlyMap<string, string> {
  const named = new Map(parameters.map(([name, value]) => [name.toLowerCase(), value]))
  if (named.size !== parameters.length) throw new Refusal('protocol_violation', { detail: 'a start-up parameter was sent twice' })
  return named
}

function optionsOf(named: ReadonlyMap<string, string>): Setting[] {
  return readOptions(named.get('options') ?? '')
}

/** Read here, so not a setting to pass on. */
function isOurBusiness(name: string): boolean {
  return name === 'user' || name === 'database' || name === 'options' || name === 'replication' || isProtocolOption(name)
}

function isProtocolOption(name: string): boolean {
  return name.startsWith('_pq_.')
}

/** Later ones win, as in Postgres: what stands in the packet itself is read after `options`. */
function checkAll(settings: readonly Setting[]): ReadonlyMap<string, string> {
  return new Map(settings.map(checkSetting))
}

function checkSetting([given, value]: Setting): Setting {
  const parameter = given.toLowerCase()
  const name = passedOn.get(parameter)
  if (ours.test(parameter)) throw new Refusal('forbidden_parameter', { parameter })
  if (name === undefined) throw new Refusal('unsupported_parameter', { parameter })
  return [name, checkValue(name, value)]
}

/** Poolers read start-up values byte by byte: only ASCII survives. Names of applications are mended, as Postgres itself does. */
function checkValue(name: string, value: string): string {
  const mended = name === 'application_name' ? mendName(value) : value
  if (mended.length > maxValueLength || !/^[\x20-\x7e]*$/.test(mended)) throw new Refusal('bad_parameter', { parameter: name })
  return mended
}

/** It is shown to everybody who looks at sessions, so a token that was put there by mistake goes no further. */
function mendName(value: string): string {
  const [plain, token] = [value.replaceAll(/[^\x20-\x7e]/g, '?'), /eyJ[\w-]{8,}/.exec(value)]
  return (token === null ? plain : `${plain.slice(0, token.index)}(masked)`).slice(0, 63)
}
