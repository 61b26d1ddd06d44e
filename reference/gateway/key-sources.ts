/** The sets of keys that are fetched, by issuer: a reload keeps those whose settings stay, so that nothing is unlearnt by it. */
import { Counter, Gauge, type Registry } from 'prom-client'
import type { Write } from './audit.ts'
import { readText } from './config-file.ts'
import type { GatewayConfig } from './config.ts'
import { FetchFault, type DocumentTerms, type FetchDocument } from './fetch-document.ts'
import { KeySetFault, type KeySet, type KeySetTerms } from './key-set.ts'
import type { Fetched, KeySource, KeySourceTerms } from './key-source.ts'
import type { TrustedIssuer } from './keyring.ts'
import { makeShared, type Shared } from './shared.ts'

export interface KeySourcePieces {
  readonly fetchDocument: FetchDocument
  readonly readKeySet: (text: string, terms: KeySetTerms) => KeySet
  readonly makeKeySource: (terms: KeySourceTerms) => KeySource
}

export interface KeySourcesTerms {
  readonly pieces: KeySourcePieces
  readonly registry: Registry
  readonly write: Write
  readonly now: () => number
}

export interface KeySources {
  /** The issuer with the keys it publishes. Whoever takes it gives it back, and when nobody has it no more is fetched. */
  take(issuer: PublishingIssuer, stack: AsyncDisposableStack): TrustedIssuer
}

type Issuer = GatewayConfig['issuers'][number]
export type PublishingIssuer = Issuer & { readonly jwks: NonNullable<Issuer['jwks']> }

export function publishes(issuer: Issuer): issuer is PublishingIssuer {
  return issuer.jwks !== undefined
}

interface Kept extends Disposable {
  readonly issuer: string
  readonly source: KeySource
}

const prefix = 'orochi_gateway_jwks_'

export function makeKeySources(terms: KeySourcesTerms): KeySources {
  const shared = makeShared<Kept>()
  const count = countFetches(terms.registry)
  gaugeEach(terms.registry, shared, 'keys', 'Keys of an issuer that may be used', ({ keys }) => keys.length)
  gaugeEach(terms.registry, shared, 'age_seconds', 'Since the keys of an issuer were fetched last', ({ ageMs }) => ageMs === null ? null : ageMs / 1000) // prettier-ignore

  function make(issuer: PublishingIssuer, ca: string | undefined): Kept {
    const onFetched = (fetched: Fetched) => {
      count.inc({ issuer: issuer.issuer, outcome: fetched.outcome })
      tell(issuer.issuer, fetched, terms.write)
    }
    const source = terms.pieces.makeKeySource({ ...sourceTerms(issuer, ca, terms), onFetched })
    return { issuer: issuer.issuer, source, [Symbol.dispose]: () => source[Symbol.dispose]() }
  }

  return {
    take(issuer, stack) {
      const ca = issuer.jwks.ca === undefined ? undefined : readText(issuer.jwks.ca)
      const name = JSON.stringify([issuer.issuer, issuer.algorithms, issuer.jwks, ca])
      return trusted(issuer, shared.take(name, () => make(issuer, ca), stack).source)
    },
  }
}

function trusted({ issuer, audience }: PublishingIssuer, source: KeySource): TrustedIssuer {
  return {
    issuer,
    audience,
    get keys() {
      return source.keys
    },
    lookFor: (id) => source.lookFor(id),
  }
}

function sourceTerms(
  { jwks, algorithms }: PublishingIssuer,
  ca: string | undefined,
  { pieces, now }: KeySourcesTerms,
): Omit<KeySourceTerms, 'onFetched'> {
  const { url, privateNetwork, maxBytes, connectTimeoutMs, timeoutMs, maxKeys } = jwks
  const document: DocumentTerms = { url, ca, privateNetwork, maxBytes, connectTimeoutMs, timeoutMs }
  return {
    fetch: (etag) => pieces.fetchDocument(document, etag),
    read: (text) => pieces.readKeySet(text, { maxKeys, algorithms }),
    refreshMs: jwks.refreshSeconds * 1000,
    cooldownMs: jwks.cooldownSeconds * 1000,
    maxStaleMs: jwks.maxStaleSeconds * 1000,
    now,
  }
}

const toldKeys = 20

function tell(issuer: string, fetched: Fetched, write: Write): void {
  if (fetched.outcome === 'unchanged') return
  if (fetched.outcome === 'failed') return write('warn', { event: 'jwks', outcome: 'failed', issuer, fault: faultOf(fetched.cause) }, 'keys could not be fetched') // prettier-ignore
  const { keys, left } = fetched.set
  const ids = keys.slice(0, toldKeys).map(({ id }) => id.slice(0, 64))
  write('info', { event: 'jwks', outcome: 'changed', issuer, keys: ids, left: left.slice(0, toldKeys) }, 'keys were fetched')
}

/** What else is thrown may quote the document. */
function faultOf(cause: unknown): string {
  if (cause instanceof FetchFault || cause instanceof KeySetFault) return cause.message
  return cause instanceof Error ? cause.name : 'unknown'
}

function countFetches(registry: Registry): Counter<'issuer' | 'outcome'> {
  const help = 'Fetches of the keys of an issuer; failed ones leave the keys as they are until they are too old'
  return new Counter({ name: `${prefix}fetches_total`, help, labelNames: ['issuer', 'outcome'], registers: [registry] })
}

/** One sample for each issuer; none where there is nothing to tell. */
function gaugeEach(registry: Registry, shared: Shared<Kept>, name: string, help: string, read: (source: KeySource) => number | null): void {
  const gauge: Gauge<'issuer'> = new Gauge({
    name: prefix + name,
    help,
    labelNames: ['issuer'],
    registers: [registry],
    collect() {
      gauge.reset()
      for (const { issuer, source } of shared.values()) {
        const value = read(source)
        if (value !== null) gauge.set({ issuer }, value)
      }
    },
  })
}
