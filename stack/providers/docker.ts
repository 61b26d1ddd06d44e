/** Runs Launches as containers through testcontainers, on the host's network, so that addresses and Links are the same as for processes. */
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { PostgreSqlContainer } from '@testcontainers/postgresql'
import { GenericContainer, getContainerRuntimeClient, type WaitStrategy } from 'testcontainers'
import type { Availability } from '../../spec/capability.ts'
import { HarnessError } from '../harness-error.ts'
import { chooseImage, images, presentImages, ryukImage } from '../images.ts'
import type { ContainerForm, Launch, Provider } from '../launch.ts'
import type { Ledger } from '../ledger.ts'
import { startContainer } from './container.ts'
import { freePort } from './ports.ts'

/** A daemon that does not answer in this time is none. */
const answerLimitMs = 2_500
const host = '127.0.0.1'

/** Whether containers can be run here: a daemon that answers, and both images. Decides within three seconds. */
export async function detectDocker(): Promise<Availability> {
  if (process.platform !== 'linux') return { here: false, why: 'containers share the host’s network, which needs Docker on Linux' }
  try {
    const client = await within(answerLimitMs, getContainerRuntimeClient())
    const present = await presentImages(answerLimitMs)
    const lacking = [images.postgres(18), images.node()].filter((choice) => chooseImage(choice, present) === null)
    if (lacking.length === 0) return { here: true, how: `Docker ${client.info.containerRuntime.serverVersion}` }
    const names = lacking.map((image) => image.official).join(', ')
    return { here: false, why: `no image ${names} on this machine: \`docker pull\` it, or make local ones with \`npm run images\`` }
  } catch (error) {
    return { here: false, why: `no Docker daemon answers (${(error as Error).message.split('\n')[0]}): start one` }
  }
}

async function within<T>(limitMs: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(new Error(`no answer in ${limitMs} ms`)), limitMs)))
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** The provider; its containers carry the run as a label, by which any later harness can sweep them. */
export async function docker(ledger: Ledger, dir: string): Promise<Provider> {
  const present = await presentImages(answerLimitMs)
  if (!present.has(ryukImage)) process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true'
  const label = `org.orochi.harness.run=${ledger.run}`
  ledger.note({ kind: 'container', owner: process.pid, label })
  return {
    name: 'docker',
    async start(launch, signal) {
      const form = launch.container
      if (form === null)
        throw new HarnessError('capability-absent', `${launch.name} (${launch.version}) has no form that runs as a container`)
      const ports: Record<string, number> = {}
      for (const name of Object.keys(launch.ports)) ports[name] = await freePort(host)
      const container = made(launch, form, present)
        .withNetworkMode('host')
        .withLabels(labelOf(label))
        .withUser(form.user)
        .withWaitStrategy(atOnce)
      return startContainer({ launch, form, container, ports, host, dir: join(dir, launch.name), shared: sharedFolder(dir, form) }, signal)
    },
    [Symbol.asyncDispose]: async () => {},
  }
}

function labelOf(label: string): Record<string, string> {
  const [name = '', value = ''] = label.split('=')
  return { [name]: value }
}

function made(launch: Launch, form: ContainerForm, present: ReadonlySet<string>): GenericContainer {
  const major = Number(/PostgreSQL (\d+)/.exec(launch.version)?.[1] ?? 18)
  const choice = form.image === 'postgres' ? images.postgres(major) : images.node()
  const image = chooseImage(choice, present)
  if (image === null)
    throw new HarnessError('provider-absent', `no image ${choice.official} on this machine: \`docker pull\` it, or run \`npm run images\``)
  return form.image === 'postgres' ? new HostPostgres(image) : new GenericContainer(image)
}

/** On the host's network no port is mapped, and whether it serves is found out by connecting. */
class HostPostgres extends PostgreSqlContainer {
  constructor(image: string) {
    super(image)
    this.exposedPorts = []
    this.createOpts.ExposedPorts = {}
    this.hostConfig.PortBindings = {}
    this.healthCheck = { test: ['NONE' as 'CMD', ''] }
  }
}

/** Any account inside may write there, and whoever runs the harness may delete it. */
function sharedFolder(dir: string, form: ContainerForm): string | null {
  if (form.shared === null) return null
  const folder = join(dir, form.shared.name)
  mkdirSync(folder, { recursive: true })
  chmodSync(folder, 0o777)
  return folder
}

/** We wait by connecting, with a deadline of our own: testcontainers need not. */
const atOnce: WaitStrategy = {
  waitUntilReady: async () => {},
  withStartupTimeout: () => atOnce,
  isStartupTimeoutSet: () => true,
  getStartupTimeout: () => 60_000,
}
