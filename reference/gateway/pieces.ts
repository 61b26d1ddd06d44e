/** The parts a gateway is composed of; each can be replaced by another with the same contract. */
import { sourceOf, type Source } from './access/address.ts'
import { openDesk, type Desk, type DeskTerms } from './cancel/desk.ts'
import { serveCancel, type ServeCancel } from './cancel/serve.ts'
import { makeCertificates, type Certificates, type CertificateTerms } from './certificates.ts'
import { makeGate, type GateTerms, type LocalGate } from './access/gate.ts'
import { makeTenants, type Tenants, type TenantTerms } from './access/tenants.ts'
import { arrive, type Arrive } from './arrival.ts'
import { keepLeases } from './leases/keep.ts'
import { pump, type Pump } from './pump.ts'
import type { Duplex } from 'node:stream'
import { fetchDocument } from './fetch-document.ts'
import { readKeySet } from './key-set.ts'
import { makeKeySource } from './key-source.ts'
import type { KeySourcePieces } from './key-sources.ts'
import { checkHeader } from './header.ts'
import { checkSignature, selectKey } from './keyring.ts'
import { readWishes, type ClientWishes } from './parameters.ts'
import { reasons, type ReasonTable } from './reasons.ts'
import { rules } from './rules.ts'
import { convenience, signedClaims, type ClaimsSeal, type Variables } from './session-claims.ts'
import { shardHint } from './shard-hint.ts'
import { makeLiveSessions } from './live-sessions.ts'
import { makePull, type PullPieces } from './revocation-pull.ts'
import { makeRevocations } from './revocations.ts'
import { makeSingleUse } from './single-use.ts'
import type { StandingPieces } from './standing.ts'
import { Waker, type Wakes, type WakerTerms } from './wake/waker.ts'
import { tlsPolicy, type TlsPolicy } from './tls.ts'
import { decodeToken } from './token.ts'
import { makeTokenCache, type CacheTerms, type TokenCache } from './token-cache.ts'
import { dialUpstream, logIn, type Greeting, type UpstreamAddress, type UpstreamLogin } from './upstream.ts'
import type { TokenChecks, VerifiedToken } from './verify.ts'
import type { StartupPacket } from '../wire/index.ts'
import { greet } from './greeting.ts'
import { askForToken, versions, type Versions } from './knock.ts'
import { judgeReplication, type JudgeReplication } from './replication.ts'
import type { HintTerms } from './hints.ts'
import type { Reached } from './reach.ts'
import { judgeAdmission, type Admission, type AdmissionTerms } from './admission.ts'

/** The steps between a token and a session. */
export interface Steps {
  readonly verify: () => Promise<Admission>
  /** A session on a pooler of the route that was admitted to. */
  readonly reach: (admission: Admission) => Promise<Reached>
}

export interface Admitted extends Reached {
  readonly admission: Admission
}

export interface Pieces extends TokenChecks, StandingPieces, KeySourcePieces, PullPieces {
  readonly tls: TlsPolicy
  readonly arrive: Arrive
  /** Cancel keys, given out and found again. */
  readonly openDesk: (terms: DeskTerms) => Desk
  readonly serveCancel: ServeCancel
  /** What an address is for limits and lists. */
  readonly sourceOf: (address: string) => Source | null
  /** Who may knock, how often, and how many may be here. */
  readonly makeGate: (terms: GateTerms) => LocalGate
  readonly makeCertificates: (terms: CertificateTerms) => Certificates
  /** Where gateways count tenants together. */
  readonly keepLeases: typeof keepLeases
  readonly makeTenants: (terms: TenantTerms) => Tenants
  /** Lets those wait whose cluster sleeps. */
  readonly makeWaker: (terms: WakerTerms) => Wakes
  readonly versions: Versions
  readonly askForToken: typeof askForToken
  readonly judgeReplication: JudgeReplication
  readonly readWishes: (startup: StartupPacket & { readonly kind: 'startup' }, terms?: HintTerms) => ClientWishes
  readonly makeCache: (terms: CacheTerms<VerifiedToken>) => TokenCache<VerifiedToken>
  /** Whether this identity may have this session, and by which credential. */
  readonly judgeAdmission: (token: VerifiedToken, wishes: ClientWishes, terms: AdmissionTerms) => Admission
  /** The signed claims. */
  readonly signedClaims: (token: VerifiedToken, dbRole: string, seal: ClaimsSeal) => Variables
  /** The plain variables. */
  readonly convenience: (token: VerifiedToken, seal: ClaimsSeal) => Variables
  /** Where a session's rows lie, for the pooler. */
  readonly shardHint: typeof shardHint
  /** In which order the steps are taken: nobody reaches the upstream before his token was found good. */
  readonly admit: (steps: Steps) => Promise<Admitted>
  readonly dial: (address: UpstreamAddress, signal: AbortSignal) => Promise<Duplex>
  readonly logIn: (upstream: Duplex, login: UpstreamLogin) => Promise<Greeting>
  /** What the client is told first. */
  readonly greet: (greeting: Greeting) => Buffer
  readonly pump: Pump
  readonly reasons: ReasonTable
  /** Wall clock, ms since 1970. */
  readonly now: () => number
}

export const pieces: Pieces = {
  decode: decodeToken,
  checkHeader,
  selectKey,
  checkSignature,
  rules,
  tls: tlsPolicy,
  arrive,
  openDesk,
  serveCancel,
  sourceOf,
  makeGate,
  makeWaker: (terms) => new Waker(terms),
  makeCertificates,
  keepLeases,
  makeTenants,
  versions,
  askForToken,
  judgeReplication,
  readWishes,
  makeCache: makeTokenCache,
  makeRevocations,
  makeLiveSessions,
  makeSingleUse,
  fetchDocument,
  readKeySet,
  makeKeySource,
  makePull,
  judgeAdmission,
  signedClaims,
  convenience,
  shardHint,
  admit: verifyThenReach,
  dial: dialUpstream,
  logIn,
  greet,
  pump,
  reasons,
  now: () => Date.now(),
}

async function verifyThenReach(steps: Steps): Promise<Admitted> {
  const admission = await steps.verify()
  return { admission, ...(await steps.reach(admission)) }
}
