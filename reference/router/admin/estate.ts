/** The router as its operators see it. */
import { readFileSync } from 'node:fs'
import type { AnySession, Who } from '../client/reception.ts'
import type { Domains } from '../crew/domains.ts'
import type { Pools } from '../pool/pools.ts'
import type { Estate } from './commands.ts'

export interface EstateOptions extends Pick<Estate, 'config' | 'twoPhase' | 'reload'> {
  readonly pools: Pools
  readonly sessions: ReadonlyMap<AnySession, Who>
  readonly domains: Domains
}

export function estateOf({ config, twoPhase, reload, pools, sessions, domains }: EstateOptions): Estate {
  return {
    config,
    twoPhase,
    reload,
    pools: () => pools.all(),
    clients: () => [...sessions.values()],
    healthOf: (database, server) => domains.watchOf(database)?.healthOf(server) ?? null,
    version: versionIn(),
  }
}

function versionIn(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
  return version
}
