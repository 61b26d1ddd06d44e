/** Opens the store that is configured. */
import type { ControlPlaneConfig } from '../config.ts'
import { openPostgres } from './postgres.ts'
import { openSqlite } from './sqlite.ts'
import type { Store } from './store.ts'

export type OpenStore = (config: ControlPlaneConfig['store']) => Promise<Store>

/** Throws a StoreError. */
export const openStore: OpenStore = async (config) => {
  if (config.kind === 'postgres') return await openPostgres(config)
  const { path, readOnly, maxMegabytes } = config
  return openSqlite({ path, readOnly, ...(maxMegabytes === undefined ? {} : { maxBytes: maxMegabytes * 1024 * 1024 }) })
}
