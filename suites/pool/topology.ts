/** What the entries about pools wish, so that they share a stack. */
import type { TopologyWish } from '../../stack/topology.ts'

export const least = 2
export const most = 4

/** A client may wait as long for a server connection. */
export const waitTimeoutMs = 1_500

/** The size of a further user's own pool. */
export const ownSize = 1

export const pooled: TopologyWish = {
  branches: ['side'],
  pools: [
    { user: 'orochi_own', role: 'own_user', poolSize: ownSize },
    { user: 'orochi_keeper', role: 'keeper', mode: 'session' },
    { user: 'orochi_single', role: 'single', mode: 'statement' },
  ],
  pooler: { poolSize: most, minPoolSize: least, idleTimeoutMs: 1_500, waitTimeoutMs },
}
