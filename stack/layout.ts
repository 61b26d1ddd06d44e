/** Where things lie in a stack: which server holds a shard, and which address of a part its peers use. */
import { HarnessError } from './harness-error.ts'
import type { Address, Running } from './launch.ts'
import type { Topology } from './topology.ts'

/** What clients call the database. */
export const clientDatabase = 'orochi'

/** Branch that sessions get that name none. */
export const mainBranch = 'main'

/** What clients' host names end in: `{cluster}.{branch}.<suffix>`. */
export const hostSuffix = 'db.orochi.test'

/** A branch's database on its server. */
export const branchDatabase = (branch: string) => `${clientDatabase}_0_${branch}`

/** What the pooler calls a branch's database. */
export const pooledBranch = (branch: string) => `${clientDatabase}_${branch}`

/** Names for the gateway's certificate: a wildcard stands for one label, so each branch has one of its own, and one is there for none. */
export const hostNames = (branches: readonly string[]): readonly string[] => [
  'localhost',
  '127.0.0.1',
  '::1',
  ...[mainBranch, ...branches, 'nowhere'].map((branch) => `*.${branch}.${hostSuffix}`),
]

/** Shards lie on servers in turn. */
export const serverOf = (shard: number, topology: Pick<Topology, 'servers'>): number => shard % topology.servers

export function portOf(part: Running, name: string): Address {
  const address = part.addresses[name]
  if (address === undefined) throw new HarnessError('bad-topology', `${part.name} has no port called "${name}"`)
  return address
}

export const mainPort = (part: Running): Address => portOf(part, 'main')
