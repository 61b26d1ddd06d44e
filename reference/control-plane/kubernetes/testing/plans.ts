/** Clusters to render. */
import { ClusterSpec } from '../../api/cluster-schemas.ts'
import type { WantedCluster } from '../../provisioner.ts'
import { kubernetesSchema, type KubernetesConfig } from '../config.ts'
import type { Plan } from '../plan.ts'

export function wantedCluster(spec: object = {}, id = 'acme', generation = 1): WantedCluster {
  return { id, generation, spec: ClusterSpec.parse(spec) }
}

export const sharded = {
  pooler: { sharding_enabled: true, default_shard_count: 4 },
  deployment: { replicas: 2, sharded_tables: [{ name: 'orders', column: 'tenant_id', data_type: 'text' }] },
} as const

export function testConfig(more: object = {}): KubernetesConfig {
  return kubernetesSchema.parse({ kind: 'kubernetes', images: { pooler: 'pgdog:0.1.54' }, ...more })
}

export function planFor(wanted: WantedCluster, config = testConfig()): Plan {
  const secrets = { superuser: 'superuser-secret', app: 'app-secret', admin: 'admin-secret' }
  return { wanted, config, owner: { clusterId: wanted.id, installation: config.installation }, secrets }
}
