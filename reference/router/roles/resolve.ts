/** Puts the roles that were found into a configuration that leaves them open. */
import type { RouterConfig, ServerConfig } from '../config.ts'

/** Where a server is, whatever its role. */
export const siteOf = ({ host, port, database }: Pick<ServerConfig, 'host' | 'port' | 'database'>): string => `${host}:${port}/${database}`

/** Sites of the servers that are primaries. */
export type Primaries = ReadonlySet<string>

/** Where nothing was found yet, the first server of a shard counts as its primary. */
export function resolveRoles(config: RouterConfig, primaries: Primaries): RouterConfig {
  const databases = config.databases.map((database) => ({
    ...database,
    shards: database.shards.map(({ servers }) => ({ servers: resolveShard(servers, primaries) })),
  }))
  return { ...config, databases }
}

function resolveShard(servers: readonly ServerConfig[], primaries: Primaries): ServerConfig[] {
  const found = servers.find((server) => server.role === 'auto' && primaries.has(siteOf(server)))
  const primary = servers.find(({ role }) => role === 'primary') ?? found ?? servers[0]
  return servers.map((server) => ({ ...server, role: server.role === 'auto' ? (server === primary ? 'primary' : 'replica') : server.role }))
}
