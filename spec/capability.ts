/** What a stack or a machine can offer; entries say which of these they need, and a part says which it has. */

export const capabilities = {
  gateway: 'a JWT gateway stands in front of the pooler',
  pooler: 'a pooler (PgDog or the reference router) stands in front of Postgres',
  tls: 'the gateway ends TLS with a certificate of the stack',
  replicas: 'each Postgres server has at least one streaming replica',
  shards: 'the data lies on at least two shards',
  'audit-log': 'the gateway writes one structured record for each login, with its reason',
  'gateway-metrics': 'the gateway offers its counters to Prometheus',
  'pooler-admin': 'the pooler answers questions about itself (PgDog admin database, or the router’s metrics)',
  'clock-shift': 'the clock of the gateway can be moved without waiting',
  links: 'connections between parts run over links that count, record and break them',
  'process-figures': 'resident memory and descriptors of each part can be read',
  psql: 'the psql client is on this machine',
  pgbench: 'the load generator pgbench is on this machine',
  k6: 'the load generator k6 is on this machine',
  docker: 'a Docker daemon answers and the images are there',
  kubernetes: 'a Kubernetes cluster answers',
  root: 'the harness may act as root',
  orochi: 'the real Orochi extension is installed in Postgres',
  'control-plane': 'a control plane answers',
  dashboard: 'a web dashboard is served and a browser can drive it',
  promotion: 'a replica can be promoted to primary, by a failover manager or by the harness',
  'pooler-instances': 'at least two poolers stand behind the gateway or a balancer',
  'lease-store': 'the gateways share what they have counted of each tenant',
  dns: 'the parts find each other by names that the harness can stop answering',
} as const

/** A name from the table above. */
export type Capability = keyof typeof capabilities

/** Whether a capability is here; when it is not, why not and what would bring it. */
export type Availability = { readonly here: true; readonly how: string } | { readonly here: false; readonly why: string }
