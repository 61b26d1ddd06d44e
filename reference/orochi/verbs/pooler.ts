/** `orochi cluster pooler status|reload`. */
import type { Client } from '../client.ts'
import { poolerShape, reloadShape, settingsKeys, type Pooler } from '../shapes.ts'
import { cellText, pairs, type Show } from '../show.ts'
import { printable } from '../terminal.ts'
import { clusterPath } from './clusters.ts'

export const poolerPath = (id: string) => `${clusterPath(id)}/pooler`

export async function showPooler(id: string, client: Client, show: Show): Promise<void> {
  const { body, headers } = await client.ask(poolerPath(id), poolerShape)
  const etag = headers.get('etag')
  show.print({ cluster_id: id, etag, ...body }, () => pairs(show.paint, [['cluster', id], ...rowsOf(body), ['etag', etag]]))
}

/** The settings first, in the order of the strategy; then all else that was told. */
function rowsOf(pooler: Pooler): [string, string][] {
  const others = Object.keys(pooler).filter((key) => !(settingsKeys as readonly string[]).includes(key) && key !== 'cluster_id')
  return [...settingsKeys, ...others].map((key) => [printable(key), cellText(pooler[key])])
}

export async function reloadPooler(id: string, client: Client, show: Show): Promise<void> {
  const { body } = await client.ask(`${poolerPath(id)}/reload`, reloadShape, { method: 'POST' })
  const told = Object.entries(body).map(([key, value]) => [printable(key), cellText(value)] as const)
  show.print({ cluster_id: id, ...body }, () =>
    [`${printable(id)}: reload accepted`, ...(told.length > 0 ? [pairs(show.paint, told)] : [])].join('\n'),
  )
}
