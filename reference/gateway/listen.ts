/** Listening, with words for those who cannot. */
import { once } from 'node:events'
import type { AddressInfo, ListenOptions, Server } from 'node:net'
import { ConfigError } from './config-error.ts'

/** Resolves once it listens; throws a ConfigError that names `key` when it cannot. */
export async function listen<S extends Server>(server: S, options: ListenOptions, key: string): Promise<S> {
  server.listen(options)
  try {
    await once(server, 'listening')
    return server
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
    throw new ConfigError(`${key}: cannot listen on ${options.host}:${options.port} (${code}); ${remedies[code] ?? 'check host and port'}`)
  }
}

const remedies: Readonly<Record<string, string>> = {
  EADDRINUSE: 'somebody else does: name another port',
  EACCES: 'a port below 1024 takes a privilege: name another one, or grant it',
  ENOTSUP: 'this system does not share a port among processes: set workers.balance to primary',
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}
