/** `orochi cluster list|wake|suspend`. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { z } from 'zod'
import type { Answer, Client } from '../client.ts'
import { Failure } from '../failure.ts'
import { clustersShape, stateShape, takenShape, type Cluster, type ClusterState } from '../shapes.ts'
import { paintState, table, type Show } from '../show.ts'
import { printable } from '../terminal.ts'

export const clusterPath = (id: string) => `/api/v1/clusters/${encodeURIComponent(id)}`

export async function listClusters(client: Client, show: Show): Promise<void> {
  const clusters = await allClusters(client)
  show.print({ clusters }, () => clusterTable(show, clusters))
}

/** Page after page; one that leads nowhere ends it. */
async function allClusters(client: Client): Promise<readonly Cluster[]> {
  const found: Cluster[] = []
  for (let after: string | null = ''; after !== null;) {
    const { body }: Answer<z.infer<typeof clustersShape>> = await client.ask(pagePath(after), clustersShape)
    found.push(...body.clusters)
    after = body.clusters.length === 0 ? null : (body.next ?? null)
  }
  return found
}

const pagePath = (after: string) => `/api/v1/clusters${after === '' ? '' : `?after=${encodeURIComponent(after)}`}`

function clusterTable({ paint }: Show, clusters: readonly Cluster[]): string {
  if (clusters.length === 0) return 'no clusters'
  const rows = clusters.map(({ id, status }) => [id, status.state, status.is_ready ? 'yes' : 'no', status.message ?? ''])
  return table(paint, ['CLUSTER', 'STATE', 'READY', 'MESSAGE'], rows)
}

export interface Waiting {
  readonly wait?: true
  readonly waitTimeout: number
}

const aims = {
  wake: { reached: ({ is_ready }: ClusterState) => is_ready, words: 'ready' },
  suspend: { reached: ({ state }: ClusterState) => state === 'suspended', words: 'suspended' },
} as const

export async function steer(
  verb: 'wake' | 'suspend',
  id: string,
  waiting: Waiting,
  client: Client,
  show: Show,
  stop: AbortSignal,
): Promise<void> {
  const { headers } = await client.ask(`${clusterPath(id)}/${verb}`, takenShape, { method: 'POST' })
  const path = sameOrigin(headers.get('location')) ?? `${clusterPath(id)}/status`
  const cluster = await (waiting.wait === true ? reach(verb, path, waiting.waitTimeout * 1000, client, stop) : look(client, path))
  show.print(
    cluster,
    () => `${printable(cluster.cluster_id)} is ${paintState(show.paint, cluster.state)}${cluster.is_ready ? ' and ready' : ''}`,
  )
  if (!aims[verb].reached(cluster)) show.note(`it is on its way; --wait returns when it is ${aims[verb].words}`)
}

const look = async (client: Client, path: string) => (await client.ask(path, stateShape)).body

async function reach(verb: keyof typeof aims, path: string, withinMs: number, client: Client, stop: AbortSignal): Promise<ClusterState> {
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

function tooLate(cluster: ClusterState, verb: keyof typeof aims, withinMs: number): Failure {
  const said = cluster.message === undefined || cluster.message === '' ? '' : ` (${printable(cluster.message)})`
  const message = `${printable(cluster.cluster_id)} is still ${printable(cluster.state)} after ${withinMs / 1000} s${said}`
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
  return (await allClusters(client)).map(({ id }) => id).filter((id) => /^[\w.-]+$/.test(id))
}
