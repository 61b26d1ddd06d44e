/** Which server of a shard answers: the primary, or one of the replicas that are well. */
import type { DatabaseConfig, ServerConfig } from '../config.ts'
import type { Health } from './watch.ts'

export interface Choice {
  readonly servers: readonly ServerConfig[]
  readonly split: DatabaseConfig['split']
  readonly healthOf: (server: ServerConfig) => Health
  /** Counts up from read to read. */
  readonly turn: number
  /** The one this client had before. */
  readonly last: ServerConfig | undefined
}

export type ChooseServer = (wish: 'read' | 'write', choice: Choice) => ServerConfig

/** Reads go to replicas in turn; without one that is well, and for everything else, to the primary. */
export const chooseServer: ChooseServer = (wish, { servers, split, healthOf, turn, last }) => {
  const primary = servers.find(({ role }) => role === 'primary')
  if (!primary) throw new RangeError('a shard has no primary')
  if (wish === 'write') return primary
  const isFit = (server: ServerConfig): boolean => healthOf(server).well && isNear(healthOf(server), split)
  const replicas = servers.filter((server) => server.role === 'replica' && isFit(server))
  const able = split.reads === 'any' ? [primary, ...replicas] : replicas
  if (split.sticky && last && able.includes(last)) return last
  return able[turn % Math.max(1, able.length)] ?? primary
}

/** Near enough to its primary for reads. */
export const isNear = ({ lagMs }: Health, { maxLagMs }: Pick<DatabaseConfig['split'], 'maxLagMs'>): boolean =>
  maxLagMs === null || lagMs <= maxLagMs
