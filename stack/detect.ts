/** What this machine and a running stack can do: for each capability whether it is here, how it was found, and how to get it. */
import { capabilities, type Availability, type Capability } from '../spec/capability.ts'
import { findBrowser } from './browser.ts'
import { findPgdog } from './components/pgdog-binary.ts'
import { findPostgres, majors, type Major } from './components/postgres-binary.ts'
import type { Running } from './launch.ts'
import { detectTool } from './load-tools.ts'
import { absent, findTool, firstLine, here, pathOf } from './tools.ts'
import type { Topology } from './topology.ts'

export interface StackView {
  readonly topology: Topology
  readonly provider: string
  readonly parts: readonly Running[]
}

const behindGateway: ReadonlySet<Capability> = new Set<Capability>([
  'links',
  'pooler',
  'pooler-admin',
  'pooler-instances',
  'process-figures',
  'promotion',
  'replicas',
  'shards',
])

/** Whether a running stack has a capability. */
export function stackCapability(capability: Capability, { topology, provider, parts }: StackView): Availability {
  const offering = parts.find((part) => part.offers.includes(capability))
  if (offering !== undefined) return here(`${offering.name} (${offering.version})`)
  const lacking = parts.find((part) => part.lacks?.[capability] !== undefined)
  if (lacking !== undefined) return absent(lacking.lacks![capability]!)
  if (topology.gateway?.foreign?.kind === 'address' && behindGateway.has(capability))
    return absent('the system behind a gateway at an address of its own is not the harness’s')
  switch (capability) {
    case 'replicas':
      return topology.replicas > 0 ? here(`${topology.replicas} per server`) : absent('this topology has no replicas')
    case 'promotion':
      return detectPromotion(topology, provider)
    case 'shards':
      return topology.shards > 1 ? here(`${topology.shards}`) : absent('this topology has one shard')
    case 'links':
      return topology.links === 'recorded' ? here('recorded') : absent('this topology is wired directly')
    case 'process-figures':
      return parts.every((part) => part.figures !== undefined) && process.platform === 'linux'
        ? here('/proc')
        : absent('memory of parts is read from /proc, on Linux, for processes')
    case 'dashboard':
      return topology.controlPlane === null ? absent('this topology has no control plane, which serves it') : browserCapability()
    case 'pooler-instances':
      return (topology.pooler?.instances ?? 0) > 1 ? here(`${topology.pooler?.instances}`) : absent('this topology has one pooler')
    case 'docker':
      return provider === 'docker'
        ? here('the parts run as containers')
        : absent('the parts of this stack run as processes: --provider docker')
    default:
      return machineCapability(capability)
  }
}

/** The page is served by the control plane; what is needed besides is a browser. */
function browserCapability(): Availability {
  const path = findBrowser()
  return path === null ? absent('Chromium is not here: put it on the PATH or name it in CHROMIUM_BIN') : here(path)
}

function detectPromotion(topology: Topology, provider: string): Availability {
  if (topology.replicas === 0) return absent('this topology has no replica to promote')
  if (topology.links === 'direct') return absent('this topology is wired directly: replicas could not be led to the new primary')
  if (provider === 'docker') return absent('the data of a server in a container cannot be marked as fenced from outside')
  return here('pg_promote() by the harness, which fences the old primary first')
}

/** Whether this machine has a capability that no part offers. */
function machineCapability(capability: Capability): Availability {
  if (capability === 'psql') return findTool('psql', ['--version'], 'install PostgreSQL’s client programs')
  if (capability === 'pgbench' || capability === 'k6') return detectTool(capability)
  if (capability === 'root') return process.getuid?.() === 0 ? here('uid 0') : absent('the harness does not run as root')
  if (capability === 'kubernetes') return detectKubernetes()
  return absent(`no part of this system offers ${capability}`)
}

/** What a stack raised here could have, given the topology that asks for it. */
async function detectCapability(capability: Capability): Promise<Availability> {
  const gateway = here('reference/gateway')
  const pgdog = findPgdog()
  const found: Partial<Record<Capability, Availability>> = {
    gateway,
    tls: gateway,
    'audit-log': gateway,
    'gateway-metrics': gateway,
    'clock-shift': gateway,
    'control-plane': here('a topology with a control plane'),
    dashboard: browserCapability(),
    'lease-store': here('a topology whose gateways share one'),
    pooler: here(pgdog === null ? 'reference/router' : `${pgdog.path} (${pgdog.version})`),
    'pooler-admin': here(pgdog === null ? 'reference/router' : 'PgDog’s admin database'),
    'pooler-instances': here('a topology with pooler instances of 2 or more'),
    links: here('stack/links'),
    shards: here('a topology with 2 shards or more'),
    replicas: here('a topology with 1 replica or more'),
    promotion: here('a topology with 1 replica or more'),
    'process-figures': process.platform === 'linux' ? here('/proc') : absent('memory of parts is read from /proc, on Linux'),
  }
  if (capability === 'docker') return (await import('./providers/docker.ts')).detectDocker()
  return found[capability] ?? machineCapability(capability)
}

/** Whether a cluster answers kubectl. */
function detectKubernetes(): Availability {
  const path = pathOf('kubectl')
  if (path === null) return absent('kubectl is not on the PATH: install it, and point KUBECONFIG at a cluster')
  try {
    return here(`${path}, cluster ${firstLine(path, ['get', '--raw', '/version', '--request-timeout=3s'], 4_000).slice(0, 80)}`)
  } catch {
    return absent(`no cluster answers ${path}: point KUBECONFIG at one`)
  }
}

export interface Finding {
  readonly name: string
  readonly found: Availability
}

/** Everything `doctor` tells of: tools first, then every capability of the specification. */
export async function detectAll(): Promise<readonly Finding[]> {
  const names = Object.keys(capabilities) as Capability[]
  return [...detectTools(), ...(await Promise.all(names.map(async (name) => ({ name, found: await detectCapability(name) }))))]
}

function detectTools(): readonly Finding[] {
  const pgdog = findPgdog()
  return [
    ...majors.map((major) => ({ name: `postgres-${major}`, found: detectPostgres(major) })),
    {
      name: 'pgdog',
      found:
        pgdog === null
          ? absent('put `pgdog` on the PATH, or name the binary in PGDOG_BIN; until then the reference router stands in')
          : here(`${pgdog.path} (${pgdog.version})`),
    },
    { name: 'chromium', found: findTool('chromium', ['--version'], 'install Chromium') },
  ]
}

function detectPostgres(major: Major): Availability {
  try {
    const { postgres, version } = findPostgres(major)
    return here(`${postgres} (${version})`)
  } catch (error) {
    return absent((error as Error).message)
  }
}
