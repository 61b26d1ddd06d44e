/** The faults of the harness as objects of Chaos Mesh, for a system whose parts are pods; what cannot be said there says why. */
import { HarnessError } from '../../stack/harness-error.ts'
import { apiVersion, type MeshKind, type MeshObject, type NetworkChaosSpec, type Selector } from './objects.ts'

/** Where the parts of the system run. */
export interface MeshSite {
  readonly namespace: string
  /** The label that bears the name of a part: `orochi.test/part: postgres-0`. */
  readonly partLabel: string
  /** Marks the objects of one run, so that they are found again. */
  readonly run: string
}

interface OneWay {
  readonly direction?: 'to-server' | 'to-client'
}

/** A fault by the name of its file in chaos/faults, with its parameters. */
export type MeshWish =
  | { readonly fault: 'server-kill' | 'pooler-kill' | 'pooler-drain' | 'gateway-worker-kill'; readonly target: string }
  | ({ readonly fault: 'link-cut' | 'link-dark'; readonly target: string } & OneWay)
  | ({ readonly fault: 'link-slow'; readonly target: string; readonly delayMs: number; readonly jitterMs?: number } & OneWay)
  | ({ readonly fault: 'link-throttle'; readonly target: string; readonly bytesPerSecond: number } & OneWay)
  | ({ readonly fault: 'packet-loss'; readonly target: string; readonly percent: number } & OneWay)
  | { readonly fault: 'gateway-clock-skew'; readonly target: string; readonly offsetMs: number }
  | { readonly fault: 'disk-full'; readonly target: string; readonly volumePath?: string }
  | { readonly fault: 'processor-busy'; readonly target: string; readonly workers: number; readonly percent: number }
  | { readonly fault: 'memory-short'; readonly target: string; readonly megabytes: number }

/** Faults that have no form here, with the reason. */
export const notInMesh: Readonly<Record<string, string>> = {
  'link-refuse': 'Chaos Mesh drops packets and answers none with a reset',
  'link-reset': 'Chaos Mesh counts no bytes of a connection',
  'server-stop': 'Chaos Mesh halts no process: cut the paths to the pod, or starve it of processor time',
  'replica-lag': 'replay is paused by SQL, as everywhere',
  'primary-lost': 'kill the server; promoting is the failover manager’s work there',
  'connection-storm': 'a load, not an object',
  'coordinator-kill': 'Chaos Mesh does not read the protocol: it cannot meet a message',
  'participant-kill': 'Chaos Mesh does not read the protocol: it cannot meet a message',
}

const noSpace = 28

/** Throws `capability-absent` for a fault without a form here. */
export function renderMesh(wish: MeshWish | { readonly fault: string; readonly target: string }, site: MeshSite): MeshObject {
  const why = notInMesh[wish.fault]
  if (why !== undefined) throw new HarnessError('capability-absent', `${wish.fault} cannot be done by Chaos Mesh: ${why}`)
  const known = wish as MeshWish
  const one = chosen(known.target, site)
  switch (known.fault) {
    case 'server-kill':
      // A pod that is only killed is back at once: this one stays away until the object is deleted.
      return object('PodChaos', known, site, { ...one, action: 'pod-failure' })
    case 'pooler-kill':
      return object('PodChaos', known, site, { ...one, action: 'pod-kill', gracePeriod: 0 })
    case 'pooler-drain':
      return object('PodChaos', known, site, { ...one, action: 'pod-kill', gracePeriod: 30 })
    case 'gateway-worker-kill':
      return object('PodChaos', known, site, { ...one, action: 'container-kill', containerNames: ['gateway'] })
    case 'link-cut':
    case 'link-dark':
      return network(known, site, { action: 'partition' })
    case 'link-slow':
      return network(known, site, {
        action: 'delay',
        delay: { latency: `${known.delayMs}ms`, jitter: `${known.jitterMs ?? 0}ms`, correlation: '0' },
      })
    case 'link-throttle':
      // Shaped by a bucket of a second; what waits longer is dropped.
      return network(known, site, {
        action: 'bandwidth',
        bandwidth: { rate: `${known.bytesPerSecond}bps`, limit: 20_971_520, buffer: Math.max(1_600, known.bytesPerSecond) },
      })
    case 'packet-loss':
      return network(known, site, { action: 'loss', loss: { loss: String(known.percent), correlation: '0' } })
    case 'gateway-clock-skew':
      return object('TimeChaos', known, site, { ...one, timeOffset: `${known.offsetMs}ms`, clockIds: ['CLOCK_REALTIME'] })
    case 'disk-full':
      return object('IOChaos', known, site, {
        ...one,
        action: 'fault',
        volumePath: known.volumePath ?? '/var/lib/postgresql/data',
        path: '/var/lib/postgresql/data/base/**/*',
        errno: noSpace,
        methods: ['WRITE', 'FALLOCATE'],
        percent: 100,
      })
    case 'processor-busy':
      return object('StressChaos', known, site, { ...one, stressors: { cpu: { workers: known.workers, load: known.percent } } })
    case 'memory-short':
      return object('StressChaos', known, site, { ...one, stressors: { memory: { workers: 1, size: `${known.megabytes}MB` } } })
    default:
      throw new HarnessError('capability-absent', `there is no fault "${(known as { fault: string }).fault}" for Chaos Mesh`)
  }
}

/** One part, or with a star all parts whose names begin so: those carry the label of their kind as well. */
function chosen(target: string, { namespace, partLabel }: MeshSite): { mode: 'all'; selector: Selector } {
  const kind = /^(\w+)-\*$/.exec(target)?.[1]
  const labelSelectors = kind === undefined ? { [partLabel]: target } : { [`${partLabel}-kind`]: kind }
  return { mode: 'all', selector: { namespaces: [namespace], labelSelectors } }
}

/** Both ends of a path by the name it has in a stack. */
function endsOf(link: string): { readonly client: string; readonly server: string } {
  const [, server, replica] = /^replication-(\d+)-(\d+)$/.exec(link) ?? []
  if (server !== undefined)
    return { client: replica === '0' ? `postgres-${server}` : `postgres-${server}-replica-${replica}`, server: `postgres-${server}` }
  if (link.startsWith('postgres-')) return { client: 'pooler-*', server: link }
  if (link.startsWith('pooler-')) return { client: 'gateway-*', server: link }
  throw new HarnessError('no-such-part', `no path leads to "${link}": postgres-0, pooler-0, replication-0-1`)
}

function network(
  wish: { fault: string; target: string } & OneWay,
  site: MeshSite,
  what: Pick<NetworkChaosSpec, 'action' | 'delay' | 'loss' | 'bandwidth'>,
): MeshObject {
  const { client, server } = endsOf(wish.target)
  const direction = wish.direction === undefined ? 'both' : wish.direction === 'to-server' ? 'from' : 'to'
  return object('NetworkChaos', wish, site, { ...chosen(server, site), ...what, direction, target: chosen(client, site) })
}

function object<K extends MeshKind>(
  kind: K,
  { fault, target }: { fault: string; target: string },
  { namespace, run }: MeshSite,
  spec: Extract<MeshObject, { kind: K }>['spec'],
): MeshObject {
  const name = `${fault}-${target}-${run}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, 'x')
    .slice(0, 63)
    .replace(/-+$/, '')
  const labels = { 'app.kubernetes.io/managed-by': 'orochi-harness', 'orochi.test/run': run }
  return { apiVersion, kind, metadata: { name, namespace, labels }, spec } as MeshObject
}
