/** What this machine and a running stack can do: for each capability whether it is here, how it was found, and how to get it. */
import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Availability, Capability } from '../spec/capability.ts'
import { findPgdog } from './components/pgdog-binary.ts'
import { findPostgres } from './components/postgres-binary.ts'
import type { Running } from './launch.ts'
import type { Topology } from './topology.ts'

const here = (how: string): Availability => ({ here: true, how })
const absent = (why: string): Availability => ({ here: false, why })

/** Whether a running stack has a capability. */
export function stackCapability(capability: Capability, topology: Topology, parts: readonly Running[]): Availability {
  const offering = parts.find((part) => part.offers.includes(capability))
  if (offering !== undefined) return here(`${offering.name} (${offering.version})`)
  switch (capability) {
    case 'replicas':
      return topology.replicas > 0 ? here(`${topology.replicas} per server`) : absent('this topology has no replicas')
    case 'shards':
      return topology.shards > 1 ? here(`${topology.shards}`) : absent('this topology has one shard')
    case 'links':
      return topology.links === 'recorded' ? here('recorded') : absent('this topology is wired directly')
    case 'process-figures':
      return parts.every((part) => part.figures !== undefined) && process.platform === 'linux'
        ? here('/proc')
        : absent('memory of parts is read from /proc, on Linux, for processes')
    case 'pooler-instances':
      return (topology.pooler?.instances ?? 0) > 1 ? here(`${topology.pooler?.instances}`) : absent('this topology has one pooler')
    default:
      return machineCapability(capability)
  }
}

/** Whether this machine has a capability, apart from any stack. */
export function machineCapability(capability: Capability): Availability {
  if (capability === 'psql') return findTool('psql', ['--version'], 'install PostgreSQL’s client programs')
  if (capability === 'root') return process.getuid?.() === 0 ? here('uid 0') : absent('the harness does not run as root')
  return absent(`no part of this system offers ${capability}`)
}

/** A program on the PATH with what it says of its version. */
export function findTool(name: string, versionArgv: readonly string[], howToGet: string): Availability {
  const path = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable)
  if (path === undefined) return absent(`${name} is not on the PATH: ${howToGet}`)
  try {
    const version = execFileSync(path, versionArgv, { encoding: 'utf8', timeout: 5_000, stdio: ['ignore', 'pipe', 'ignore'] })
      .trim()
      .split('\n')[0]
    return here(`${path} (${version})`)
  } catch (error) {
    return absent(`${path} does not tell its version: ${(error as Error).message.split('\n')[0]}`)
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Everything `doctor` tells of, in order. */
export async function detectAll(): Promise<readonly { readonly name: string; readonly found: Availability }[]> {
  const pgdog = findPgdog()
  const { detectDocker } = await import('./providers/docker.ts')
  const majors = [14, 15, 16, 17, 18] as const
  return [
    ...majors.map((major) => ({ name: `postgres-${major}`, found: detectPostgres(major) })),
    {
      name: 'pgdog',
      found:
        pgdog === null
          ? absent('put `pgdog` on the PATH, or name the binary in PGDOG_BIN; until then the reference router stands in')
          : here(`${pgdog.path} (${pgdog.version})`),
    },
    { name: 'psql', found: machineCapability('psql') },
    { name: 'pgbench', found: findTool('pgbench', ['--version'], 'install PostgreSQL’s client programs') },
    { name: 'k6', found: findTool('k6', ['version'], 'install k6') },
    { name: 'chromium', found: findTool('chromium', ['--version'], 'install Chromium') },
    { name: 'docker', found: await detectDocker() },
    { name: 'kubectl', found: findTool('kubectl', ['version', '--client'], 'install kubectl, and point KUBECONFIG at a cluster') },
    { name: 'root', found: machineCapability('root') },
  ]
}

function detectPostgres(major: 14 | 15 | 16 | 17 | 18): Availability {
  try {
    const { postgres, version } = findPostgres(major)
    return here(`${postgres} (${version})`)
  } catch (error) {
    return absent((error as Error).message)
  }
}
