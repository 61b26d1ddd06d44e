/** `orochi cluster pooler status|reload`. */
import type { Client } from '../client.ts'
import { Failure } from '../failure.ts'
import { poolerShape, reloadShape, settingsKeys, type Pooler } from '../shapes.ts'
import { cellText, pairs, table, type Show } from '../show.ts'
import { printable } from '../terminal.ts'
import { clusterPath } from './clusters.ts'

export const poolerPath = (id: string) => `${clusterPath(id)}/pooler`

export async function showPooler(id: string, client: Client, show: Show): Promise<void> {
  const { body, headers } = await client.ask(poolerPath(id), poolerShape)
  const etag = headers.get('etag')
  show.print({ cluster_id: id, etag, ...body }, () => pairs(show.paint, [['cluster', id], ...rowsOf(body), ['etag', etag]]))
}

/** The settings first, in the order of the strategy; then all else that was told. */
function rowsOf({ status, ...pooler }: Pooler): [string, string][] {
  const others = Object.keys(pooler).filter((key) => !(settingsKeys as readonly string[]).includes(key) && key !== 'cluster_id')
  const told = Object.entries(status ?? {}).flatMap(([key, value]) => (key === 'instances' ? instanceRows(value) : [[key, value] as const]))
  const rows = [...[...settingsKeys, ...others].map((key) => [key, pooler[key]] as const), ...told]
  return rows.map(([key, value]) => [printable(key), Array.isArray(value) ? value.map(cellText).join(', ') || '-' : cellText(value)])
}

/** One each, as there are few of them. */
function instanceRows(instances: unknown): (readonly [string, unknown])[] {
  const rows = (Array.isArray(instances) ? instances : []) as readonly Readonly<Record<string, unknown>>[]
  return rows.map(({ name, ready, generation, message }) => [
    `instance ${String(name)}`,
    [ready === true ? 'ready' : 'not ready', `generation ${String(generation ?? 'unknown')}`, message].filter(Boolean).join(', '),
  ])
}

/** An instance that could not reload makes the whole a failure: the settings are not what they seem to be. */
export async function reloadPooler(id: string, client: Client, show: Show): Promise<void> {
  const { body } = await client.ask(`${poolerPath(id)}/reload`, reloadShape, { method: 'POST' })
  const instances = body.instances ?? []
  const rows = instances.map(({ instance, reloaded, message }) => [instance, reloaded, message])
  show.print({ cluster_id: id, ...body }, () =>
    rows.length === 0 ? 'no instance runs' : table(show.paint, ['INSTANCE', 'RELOADED', 'MESSAGE'], rows),
  )
  const pending = body.pending_restart ?? []
  if (pending.length > 0) show.note(`these take effect when the pooler starts anew: ${pending.map(printable).join(', ')}`)
  const failed = instances.filter(({ reloaded }) => !reloaded).length
  if (failed > 0)
    throw new Failure('failed', `${failed} of ${instances.length} instances did not reload`, 'look at them, then reload again')
}
