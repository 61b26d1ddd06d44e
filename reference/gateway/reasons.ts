/** Why a login is refused: for each reason the SQLSTATE, the words a stranger may read, and the level of the log line. */
import { errorMessage } from '../wire/index.ts'

export interface ReasonRow {
  readonly sqlstate: string
  /** Says nothing about tokens, roles, databases or the system behind. */
  readonly wording: string
  /** A refused stranger is normal business (`info`); warnings and errors are for what an operator must look at. */
  readonly level: 'info' | 'warn' | 'error'
  /** Counts against the address: enough of them, and it is shut out for a while. */
  readonly failure?: true
}

/** The same words for everything that concerns the identity: whoever probes learns nothing from the answer. */
const refusedIdentity: ReasonRow = { sqlstate: '28000', wording: 'the login was refused', level: 'info', failure: true }

function tooMany(wording: string): ReasonRow {
  return { sqlstate: '53300', wording, level: 'info' }
}

export const reasons = {
  token_expired: refusedIdentity,
  token_not_yet_valid: refusedIdentity,
  invalid_signature: refusedIdentity,
  malformed_token: refusedIdentity,
  missing_claim: refusedIdentity,
  invalid_issuer: refusedIdentity,
  invalid_audience: refusedIdentity,
  unsupported_algorithm: refusedIdentity,
  unknown_key: refusedIdentity,
  /** The issuer's keys could not be fetched, or not for too long. */
  keys_unavailable: { sqlstate: refusedIdentity.sqlstate, wording: refusedIdentity.wording, level: 'warn' },
  /** From `iat` to `exp` it is longer than is allowed. */
  token_lifetime: refusedIdentity,
  /** An ID token, say, or a refresh token of the same issuer. */
  wrong_token_type: refusedIdentity,
  wrong_purpose: refusedIdentity,
  token_too_large: refusedIdentity,
  /** The token is good, and its holder asks for more than it gives. */
  role_mismatch: { sqlstate: '42501', wording: 'this token does not give the role that was asked for', level: 'info' },
  replication_not_allowed: { sqlstate: '42501', wording: 'this token does not allow replication', level: 'info' },
  /** It, its subject, its tenant or its key was revoked. */
  token_revoked: refusedIdentity,
  /** It is for single use, and was used. */
  token_replayed: refusedIdentity,
  unknown_role: refusedIdentity,
  unknown_database: refusedIdentity,
  /** No such cluster or branch, a host name that is not ours, or nothing that says where to. */
  unknown_route: refusedIdentity,
  /** Host name, hints and token do not agree. */
  route_mismatch: refusedIdentity,
  claims_too_large: { sqlstate: '28000', wording: 'the claims of this token are too large for a session', level: 'info' },
  tls_required: { sqlstate: '28000', wording: 'this server talks over TLS only: connect with sslmode=require or better', level: 'info' },
  certificate_missing: { sqlstate: '28000', wording: 'a client certificate is needed', level: 'info' },
  certificate_refused: { sqlstate: '28000', wording: 'the client certificate is not good', level: 'info' },
  /** The token is for the holder of another certificate. */
  certificate_mismatch: refusedIdentity,
  token_not_bound: refusedIdentity,
  no_password: { sqlstate: '28000', wording: 'a token is wanted as password, and none was sent', level: 'info' },
  forbidden_parameter: { sqlstate: '28000', wording: 'this start-up parameter is not for clients to set', level: 'info' },
  unsupported_parameter: { sqlstate: '0A000', wording: 'this start-up parameter is not supported', level: 'info' },
  bad_parameter: { sqlstate: '22023', wording: 'a start-up parameter has a value that is not allowed', level: 'info' },
  protocol_violation: { sqlstate: '08P01', wording: 'the client broke the protocol', level: 'info' },
  too_many_clients: tooMany('too many clients: try again later'),
  /** Of all addresses or of this one, not logged in yet. */
  too_many_strangers: tooMany('too many clients are logging in: try again later'),
  too_many_connects: tooMany('too many connections from this address: try again later'),
  too_many_handshakes: tooMany('too many connections from this address: try again later'),
  too_many_for_tenant: tooMany('too many connections of this tenant'),
  /** The store in which gateways count a tenant's connections together does not answer, and by the policy nobody is let in then. */
  tenant_places_unknown: { sqlstate: '57P03', wording: 'the server cannot let anybody in at the moment: try again later', level: 'warn' },
  too_many_failures: { sqlstate: '28000', wording: 'too many failed logins from this address: try again later', level: 'info' },
  address_not_allowed: { sqlstate: '28000', wording: 'this address may not connect', level: 'info' },
  /** Of a trusted proxy that did not say, or not rightly, for whom it connects. */
  proxy_header: { sqlstate: '08P01', wording: 'the proxy broke the protocol', level: 'info' },
  /** The tenant does not log in from there; whoever found a token learns nothing of that. */
  tenant_address: refusedIdentity,
  /** No more used tokens can be remembered, so none can be shown to be unused. */
  too_many_tokens: { sqlstate: '53400', wording: 'the server takes no more logins at the moment', level: 'error' },
  /** The list of revocations is too old, and by the policy nobody is let in then. */
  revocations_unknown: { sqlstate: '57P03', wording: 'the server cannot let anybody in at the moment: try again later', level: 'warn' },
  session_revoked: { sqlstate: '57P01', wording: 'this session was ended: its token was revoked', level: 'info' },
  session_expired: { sqlstate: '57P01', wording: 'this session was ended: its token has expired', level: 'info' },
  login_timeout: { sqlstate: '08006', wording: 'the login took too long', level: 'info' },
  client_gone: { sqlstate: '08006', wording: 'the client went away', level: 'info' },
  upstream_unavailable: { sqlstate: '08001', wording: 'the database cannot be reached at the moment', level: 'warn' },
  /** No verified TLS with the upstream: it declined, or showed a certificate that is not the one we know. */
  upstream_tls: { sqlstate: '08006', wording: 'the database cannot be reached at the moment', level: 'error' },
  upstream_timeout: { sqlstate: '08006', wording: 'the database did not answer in time', level: 'warn' },
  /** The upstream is there and will not have us: a credential or a database name in our configuration is wrong. */
  upstream_refused: { sqlstate: '08001', wording: 'the database cannot be reached at the moment', level: 'error' },
  /** It sleeps, and did not wake while the client could wait. */
  upstream_wake_timeout: { sqlstate: '57P03', wording: 'the database is still starting up: try again in a while', level: 'warn' },
  upstream_wake_failed: { sqlstate: '57P03', wording: 'the database sleeps and cannot be woken at the moment', level: 'warn' },
  upstream_wake_full: {
    sqlstate: '53300',
    wording: 'too many clients wait for databases to start up: try again in a while',
    level: 'warn',
  },
  /** It could not be written down, and what is not written down is not let in. */
  audit_unavailable: { sqlstate: '57P03', wording: 'the server cannot take logins at the moment', level: 'error' },
  internal_error: { sqlstate: 'XX000', wording: 'the server failed at this login', level: 'error' },
} as const satisfies Record<string, ReasonRow>

export type Reason = keyof typeof reasons
export type ReasonTable = Readonly<Record<Reason, ReasonRow>>

/** What a refusal says beyond its reason; nothing of it but `parameter`, `sqlstate` and `wording` is shown to the client. */
export interface RefusalNotes {
  /** The claim that is absent or wrong. */
  readonly claim?: string
  /** Further rules the token broke. */
  readonly also?: readonly Reason[]
  /** Known only when the signature held. */
  readonly sub?: string
  readonly tenant?: string
  readonly issuer?: string
  /** For the log. Never holds text of a token or password. */
  readonly detail?: string
  /** Name of the client's own start-up parameter. */
  readonly parameter?: string
  /** In place of the table's: an upstream's own words that do no harm. */
  readonly sqlstate?: string
  readonly wording?: string
  /** The connection is dropped without a word. */
  readonly silent?: boolean
  /** Only counted: one like it was written down a moment ago. */
  readonly unrecorded?: boolean
}

/** Ends a login. The message is for us, never for the client. */
export class Refusal extends Error {
  readonly reason: Reason
  readonly notes: RefusalNotes

  constructor(reason: Reason, notes: RefusalNotes = {}) {
    super(notes.detail === undefined ? reason : `${reason}: ${notes.detail}`)
    this.name = 'Refusal'
    this.reason = reason
    this.notes = notes
  }
}

/** The ErrorResponse for a refusal. */
export function refusalMessage(refusal: Refusal, table: ReasonTable): Buffer {
  const row = table[refusal.reason]
  return errorMessage({
    severity: 'FATAL',
    code: refusal.notes.sqlstate ?? row.sqlstate,
    message: (refusal.notes.wording ?? row.wording) + quoted(refusal.notes.parameter),
  })
}

/** A name is the client's own text; only a harmless one is said back. */
function quoted(parameter: string | undefined): string {
  return parameter !== undefined && /^[A-Za-z_][A-Za-z0-9_.]{0,62}$/.test(parameter) ? ` ("${parameter}")` : ''
}
