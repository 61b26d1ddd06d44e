/** `orochi cluster list|wake|suspend`. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../client.ts'
import { Failure } from '../failure.ts'
import { clustersShape, clusterShape, type Cluster } from '../shapes.ts'
import { paintState, table, type Show } from '../show.ts'
import { printable } from '../terminal.ts'

export const clusterPath = (id: string) => `/api/v1/clusters/${encodeURIComponent(id)}`

export async function listClusters(client: Client, show: Show): Promise<void> {
  const { body } = await client.ask('/api/v1/clusters', clustersShape)
  show.print({ clusters: body.clusters }, () => clusterTable(show, body.clusters))
}

function clusterTable({ paint }: Show, clusters: readonly Cluster[]): string {
  if (clusters.length === 0) return 'no clusters'
  const rows = clusters.map(({ cluster_id, status, is_ready, message }) => [cluster_id, status, is_ready ? 'yes' : 'no', message ?? ''])
  return table(paint, ['CLUSTER', 'STATE', 'READY', 'MESSAGE'], rows)
}

export interface Waiting {
  readonly wait?: true
  readonly waitTimeout: number
}

const aims = {
  wake: { reached: ({ is_ready }: Cluster) => is_ready, words: 'ready' },
  suspend: { reached: ({ status }: Cluster) => status === 'suspended', words: 'suspended' },
} as const

export async function steer(
  verb: 'wake' | 'suspend',
  id: string,
  waiting: Waiting,
  client: Client,
  show: Show,
  stop: AbortSignal,
): Promise<void> {
  const { headers } = await client.ask(`${clusterPath(id)}/${verb}`, clusterShape.partial(), { method: 'POST' })
  const path = sameOrigin(headers.get('location')) ?? `${clusterPath(id)}/status`
  const cluster = await (waiting.wait === true ? reach(verb, path, waiting.waitTimeout * 1000, client, stop) : look(client, path))
  show.print(
    cluster,
    () => `${printable(cluster.cluster_id)} is ${paintState(show.paint, cluster.status)}${cluster.is_ready ? ' and ready' : ''}`,
  )
  if (!aims[verb].reached(cluster)) show.note(`it is on its way; --wait returns when it is ${aims[verb].words}`)
}

const look = async (client: Client, path: string) => (await client.ask(path, clusterShape)).body

async function reach(verb: keyof typeof aims, path: string, withinMs: number, client: Client, stop: AbortSignal): Promise<Cluster> {
  const deadline = Date.now() + withinMs
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 1.5, 2000)) {
    const cluster = await look(client, path)
    if (aims[verb].reached(cluster)) return cluster
    if (Date.now() + pauseMs > deadline) throw tooLate(cluster, verb, withinMs)
    await sleep(pauseMs, undefined, { signal: stop }).catch(() => {
      throw new Failure('interrupted', 'interrupted', `the ${verb} goes on without you`)
    })
  }
}

function tooLate(cluster: Cluster, verb: keyof typeof aims, withinMs: number): Failure {
  const said = cluster.message === undefined || cluster.message === '' ? '' : ` (${printable(cluster.message)})`
  const message = `${printable(cluster.cluster_id)} is still ${printable(cluster.status)} after ${withinMs / 1000} s${said}`
  return new Failure('not_ready', message, `the ${verb} goes on; look again by orochi cluster list, or wait longer by --wait-timeout`)
}

/** A Location may be a path or a whole address; only its path is followed, at the control plane that was named. */
function sameOrigin(location: string | null): string | null {
  if (location === null || !URL.canParse(location, 'http://here')) return null
  const url = new URL(location, 'http://here')
  return url.pathname.slice(Math.max(0, url.pathname.indexOf('/api/v1/'))) + url.search
}

/** Only such as a shell takes as one plain word. */
export async function listIds(client: Client): Promise<readonly string[]> {
  const { body } = await client.ask('/api/v1/clusters', clustersShape)
  return body.clusters.map(({ cluster_id }) => cluster_id).filter((id) => /^[\w.-]+$/.test(id))
}
