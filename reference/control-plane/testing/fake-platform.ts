/** A platform in memory: clusters start and stop at once, unless a test says otherwise, and every call is counted. */
import { ProvisionerError, type InstanceEndpoint, type Observation, type Provisioner } from '../provisioner.ts'

type Call = Exclude<keyof Provisioner, 'kind'>

export interface FakePlatform extends Provisioner {
  /** `resume acme warm`, in order. */
  readonly calls: string[]
  count(call: Call): number
  /** Calls of this name fail so, or wait for that first. */
  on(call: Call, act: (() => Promise<void> | void) | null): void
  /** Postgres has its say before it answers. */
  postgresReady: boolean
  openTransactions: number
  endpointsOf: readonly InstanceEndpoint[]
  readonly running: ReadonlySet<string>
}

export function makePlatform(): FakePlatform {
  const running = new Set<string>()
  const calls: string[] = []
  const acts = new Map<Call, () => Promise<void> | void>()
  const called = async (call: Call, ...words: string[]) => {
    calls.push([call, ...words].join(' '))
    await acts.get(call)?.()
  }
  const platform: FakePlatform = {
    kind: 'fake',
    calls,
    running,
    postgresReady: true,
    openTransactions: 0,
    endpointsOf: [],
    count: (call) => calls.filter((each) => each.split(' ')[0] === call).length,
    on: (call, act) => void (act === null ? acts.delete(call) : acts.set(call, act)),
    apply: ({ id }) => called('apply', id),
    async remove(id) {
      await called('remove', id)
      running.delete(id)
    },
    async resume({ id }, warmth) {
      await called('resume', id, warmth)
      running.add(id)
    },
    async suspend({ id }, warmth) {
      await called('suspend', id, warmth)
      running.delete(id)
    },
    async observe({ id }): Promise<Observation> {
      await called('observe', id)
      const up = running.has(id)
      return {
        state: up ? 'running' : 'stopped',
        postgres: {
          ready: up && platform.postgresReady,
          message: up ? 'is starting up' : 'does not listen',
          openTransactions: platform.openTransactions,
        },
        poolers: [{ name: 'pooler-0', ready: up && platform.postgresReady, message: '', generation: null }],
      }
    },
    async reload({ id }) {
      await called('reload', id)
      return [{ instance: 'pooler-0', reloaded: true, message: '' }]
    },
    async endpoints({ id }) {
      await called('endpoints', id)
      return platform.endpointsOf
    },
  }
  return platform
}

export const failing = (message: string, retryable: boolean) => () => {
  throw new ProvisionerError(message, { retryable })
}
