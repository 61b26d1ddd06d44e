/** Where things lie in a stack: which server holds a shard, and which address of a part its peers use. */
import { HarnessError } from './harness-error.ts'
import type { Address, Running } from './launch.ts'
import type { Topology } from './topology.ts'

/** What clients call the database. */
export const clientDatabase = 'orochi'

/** Shards lie on servers in turn. */
export const serverOf = (shard: number, topology: Pick<Topology, 'servers'>): number => shard % topology.servers

export function portOf(part: Running, name: string): Address {
  const address = part.addresses[name]
  if (address === undefined) throw new HarnessError('bad-topology', `${part.name} has no port called "${name}"`)
  return address
}

export const mainPort = (part: Running): Address => portOf(part, 'main')
