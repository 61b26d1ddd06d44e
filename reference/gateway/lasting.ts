/** What outlives a reload: what counts or remembers across configurations. */
import { openBooks, type Books } from './access/books.ts'
import type { Desk } from './cancel/desk.ts'
import { countCancels, type CancelOutcome } from './cancel/serve.ts'
import { openAuditLog } from './audit-log/audit-log.ts'
import type { Level, Write } from './audit.ts'
import type { GatewayConfig } from './config.ts'
import type { Crew } from './crew.ts'
import type { Leases } from './leases/leases.ts'
import { makeKeySources, type KeySources } from './key-sources.ts'
import { makeMetrics, type Gauged, type Metrics } from './metrics.ts'
import type { Pieces } from './pieces.ts'
import { shareRevocations } from './revocation-crew.ts'
import { makePulls, type Pulls } from './revocation-pull.ts'
import { standingTerms } from './standing-config.ts'
import { makeStanding, type Standing } from './standing.ts'

export interface Lasting {
  readonly pieces: Pieces
  readonly metrics: Metrics
  readonly books: Books
  readonly leases: Leases
  /** Cancel keys of the sessions that are here. */
  readonly desk: Desk
  readonly cancelled: (outcome: CancelOutcome) => void
  readonly standing: Standing
  readonly keySources: KeySources
  readonly pulls: Pulls
  readonly write: Write
  readonly setLevel: (level: Level) => void
  /** The other worker processes, for what all of them must know. */
  readonly crew: Crew
  /** This configuration is in force from now on. */
  settle(config: GatewayConfig): void
}

type Given = Pick<Lasting, 'pieces' | 'write' | 'setLevel' | 'crew'>

export function makeLasting(
  config: GatewayConfig,
  given: Given,
  { cacheEntries }: Pick<Gauged, 'cacheEntries'>,
): Lasting & AsyncDisposable {
  const { pieces, setLevel, crew } = given
  const standing = makeStanding(standingTerms(config, pieces.now), pieces)
  const metrics = makeMetrics({ cacheEntries, revocations: () => standing.revocations })
  const { registry } = metrics
  const audit = openAuditLog({ config: config.audit, write: given.write, registry, now: pieces.now, number: crew.number, size: crew.size })
  const sharing = shareRevocations(crew, standing)
  const leases = pieces.keepLeases({ config: crew.gate === null ? config.leaseStore : undefined, registry, write: audit.write })
  const fetching = { pieces, registry, write: audit.write, now: pieces.now }
  return {
    ...given,
    write: audit.write,
    metrics,
    standing,
    desk: pieces.openDesk({ number: crew.number, size: crew.size, now: pieces.now }),
    cancelled: countCancels(metrics.registry),
    keySources: makeKeySources(fetching),
    pulls: makePulls({ ...fetching, take: standing.replacePulled }),
    leases,
    books: openBooks({ capacity: config.limits.rememberedAddresses, now: pieces.now, registry: metrics.registry }),
    settle(next) {
      setLevel(next.log.level)
      // Nobody keeps up a list that is not pulled any more.
      if (next.revocation.pull === undefined) standing.replacePulled([])
      standing.configure(standingTerms(next, pieces.now))
    },
    async [Symbol.asyncDispose]() {
      sharing[Symbol.dispose]()
      standing[Symbol.dispose]()
      await leases[Symbol.asyncDispose]()
      audit[Symbol.dispose]()
    },
  }
}
