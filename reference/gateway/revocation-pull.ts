/** Pulls the list of revocations from where it is kept, again and again, and knows how old it is. */
import { readFile, stat } from 'node:fs/promises'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { Write } from './audit.ts'
import { readText } from './config-file.ts'
import type { GatewayConfig } from './config.ts'
import { FetchFault, type Document, type FetchDocument } from './fetch-document.ts'
import { readRevocations, type Revocation } from './revocations.ts'
import { makeShared } from './shared.ts'

export type PullConfig = NonNullable<GatewayConfig['revocation']['pull']>

export interface PullTerms {
  /** `tag` of what one has. */
  readonly read: (tag: string | undefined) => Promise<Document>
  readonly intervalMs: number
  /** A list that was pulled longer ago tells nothing. */
  readonly maxStaleMs: number
  /** Null: there is no room for it. */
  readonly take: (list: readonly Revocation[]) => number | null
  /** Wall clock, ms since 1970. */
  readonly now: () => number
  readonly onPulled: (fault: string | null) => void
}

export interface Pull extends Disposable {
  readonly isStale: boolean
  /** Null: it was never pulled. */
  readonly ageMs: number | null
}

const tickMs = 250

export function makePull({ read, intervalMs, maxStaleMs, take, now, onPulled }: PullTerms): Pull {
  let tag: string | undefined
  let pulledAt: number | null = null
  let triedAt: number | null = null
  let busy = false
  const since = (at: number) => Math.abs(now() - at)

  async function pull(): Promise<void> {
    triedAt = now()
    try {
      const document = await read(tag)
      if (document.changed) {
        const list = readRevocations(document.text)
        if (list === null) return onPulled('no list of revocations')
        if (take(list) === null) return onPulled('no room for so many')
        tag = document.etag
      }
      pulledAt = now()
      onPulled(null)
    } catch (cause) {
      onPulled(cause instanceof FetchFault ? cause.message : 'unreadable')
    } finally {
      busy = false
    }
  }

  function look(): void {
    if (busy || (triedAt !== null && since(triedAt) < intervalMs)) return
    busy = true
    void pull()
  }

  look()
  const timer = setInterval(look, tickMs)
  return {
    get isStale() {
      return pulledAt === null || since(pulledAt) > maxStaleMs
    },
    get ageMs() {
      return pulledAt === null ? null : since(pulledAt)
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

/** A file has no tag: what tells one of its versions from another takes its place. */
export async function readListFile(file: string, maxBytes: number, tag: string | undefined): Promise<Document> {
  const { mtimeMs, size, ino } = await stat(file)
  const etag = `${mtimeMs} ${size} ${ino}`
  if (etag === tag) return { changed: false }
  if (size > maxBytes) throw new FetchFault('too-large', `over ${maxBytes} bytes`)
  return { changed: true, text: await readFile(file, 'utf8'), etag }
}

export interface PullPieces {
  readonly fetchDocument: FetchDocument
  readonly makePull: (terms: PullTerms) => Pull
}

export interface PullsTerms {
  readonly pieces: PullPieces
  readonly registry: Registry
  readonly write: Write
  readonly take: PullTerms['take']
  readonly now: () => number
}

export interface Pulls {
  /** One that goes on through reloads as long as its settings stay. Null: nothing is pulled. */
  take(config: GatewayConfig['revocation'], stack: AsyncDisposableStack): Pull | null
}

export function makePulls(terms: PullsTerms): Pulls {
  const shared = makeShared<Pull>()
  const { registry, write } = terms
  const count = new Counter({
    name: 'orochi_gateway_revocation_pulls_total',
    help: 'Pulls of the list of revocations',
    labelNames: ['outcome'],
    registers: [registry],
  })
  const gauge: Gauge = new Gauge({
    name: 'orochi_gateway_revocation_age_seconds',
    help: 'Since the list of revocations was pulled last',
    registers: [registry],
    collect() {
      gauge.reset()
      const ages = shared.values().flatMap(({ ageMs }) => (ageMs === null ? [] : [ageMs / 1000]))
      if (ages.length > 0) gauge.set(Math.max(...ages))
    },
  })
  const onPulled = (fault: string | null) => {
    count.inc({ outcome: fault === null ? 'pulled' : 'failed' })
    if (fault !== null) write('warn', { event: 'revocation', outcome: 'failed', fault }, 'the list of revocations could not be pulled')
  }
  return {
    take({ pull }, stack) {
      if (pull === undefined) return null
      const secrets = readSecrets(pull)
      const make = () => terms.pieces.makePull({ ...pullTerms(pull, secrets, terms), onPulled })
      return shared.take(JSON.stringify([pull, secrets]), make, stack)
    },
  }
}

type Secrets = { readonly ca?: string; readonly authorization?: string }

function readSecrets({ ca, secretFile }: PullConfig): Secrets {
  return {
    ...(ca === undefined ? {} : { ca: readText(ca) }),
    ...(secretFile === undefined ? {} : { authorization: `Bearer ${readText(secretFile).trim()}` }),
  }
}

function pullTerms(pull: PullConfig, secrets: Secrets, { pieces, take, now }: PullsTerms): Omit<PullTerms, 'onPulled'> {
  const { url, file, intervalSeconds, maxStaleSeconds, privateNetwork, maxBytes, connectTimeoutMs, timeoutMs } = pull
  const document = { ...secrets, privateNetwork, maxBytes, connectTimeoutMs, timeoutMs }
  return {
    read: (tag) => (url === undefined ? readListFile(file ?? '', maxBytes, tag) : pieces.fetchDocument({ ...document, url }, tag)),
    intervalMs: intervalSeconds * 1000,
    maxStaleMs: maxStaleSeconds * 1000,
    take,
    now,
  }
}
