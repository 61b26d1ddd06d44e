/** The topology with a role for super-administrators and a pool of tenant-b's own. */
import type { TopologyWish } from '../../stack/topology.ts'

export const poolSize = 2

export const withPools: TopologyWish = {
  pooler: { poolSize },
  pools: [
    { user: 'orochi_admin', role: 'super_admin' },
    { user: 'orochi_own', role: 'tenant_user', tenant: 'tenant-b' },
  ],
}
