/** A gateway with low limits for each address, which counts clients on this machine as well: every entry comes from addresses of its own. */
import type { TopologyWish } from '../../stack/topology.ts'

export const connects = 10
export const failures = 3
export const windowMs = 60_000
export const blockMs = 120_000

export const limited: TopologyWish = {
  gateway: {
    settings: {
      limits: {
        perAddress: {
          connects: { count: connects, windowMs },
          failures: { count: failures, windowMs, blockMs },
          handshakes: 4,
          unauthenticated: 6,
          exempt: [],
        },
      },
    },
  },
}
