/** Has Chaos Mesh do a fault: makes the object, waits until all of it is injected, and deletes it once all of it has recovered. */
import { setTimeout as sleep } from 'node:timers/promises'
import { CustomObjectsApi, type KubeConfig } from '@kubernetes/client-node'
import { HarnessError } from '../../stack/harness-error.ts'
import { limitMs } from '../../stack/limits.ts'
import { injectSteps, FaultWithoutEffect, type InjectedFault } from '../fault.ts'
import { apiVersion, plurals, type MeshCondition, type MeshKind, type MeshObject } from './objects.ts'

const [group = '', version = ''] = apiVersion.split('/')
const pollMs = 100

interface Seen {
  readonly conditions: readonly MeshCondition[]
  /** What Chaos Mesh says of each pod that it could not do. */
  readonly troubles: readonly string[]
}

interface MeshStatus {
  readonly conditions?: readonly MeshCondition[]
  readonly experiment?: {
    readonly containerRecords?: readonly {
      readonly id: string
      readonly phase: string
      readonly events?: readonly { readonly type: string; readonly message?: string }[]
    }[]
  }
}

export interface Mesh {
  /** An abort heals it, as with every fault. */
  inject(wanted: MeshObject, signal: AbortSignal): Promise<InjectedFault>
  /** Deletes every object of a run, whoever made it. */
  sweep(namespace: string, run: string): Promise<number>
}

export function openMesh(config: KubeConfig): Mesh {
  const api = config.makeApiClient(CustomObjectsApi)
  const placeOf = ({ kind, metadata: { name, namespace } }: MeshObject) => ({ group, version, namespace, plural: plurals[kind], name })

  const look = async (one: MeshObject): Promise<Seen | null> => {
    try {
      const { status } = (await api.getNamespacedCustomObject(placeOf(one))) as { status?: MeshStatus }
      return { conditions: status?.conditions ?? [], troubles: troublesOf(status) }
    } catch (error) {
      if (isAbsent(error)) return null
      throw asMeshError(error)
    }
  }
  const until = async (one: MeshObject, type: MeshCondition['type'], limit: number, signal: AbortSignal): Promise<string> => {
    for (const end = Date.now() + limit; ; await sleep(pollMs, undefined, { signal })) {
      const seen = await look(one)
      if (seen?.conditions.some((condition) => condition.type === type && condition.status === 'True') === true)
        return `${one.kind} ${one.metadata.name}: ${type}`
      if (Date.now() > end)
        throw new HarnessError('time-out', `${one.kind} ${one.metadata.name} is not ${type} after ${limit} ms${told(seen)}`)
    }
  }
  /** Deleting is what heals; its finalizer keeps the object until every pod has recovered. */
  const remove = async (one: MeshObject): Promise<string> => {
    await api.deleteNamespacedCustomObject(placeOf(one)).catch((error: unknown) => {
      if (!isAbsent(error)) throw asMeshError(error)
    })
    for (const [end, limit] = [Date.now() + limitMs('fault-heals'), limitMs('fault-heals')]; ; await sleep(pollMs)) {
      const seen = await look(one)
      if (seen === null) return `${one.kind} ${one.metadata.name} is gone: all have recovered`
      if (Date.now() > end!)
        throw new HarnessError('time-out', `${one.kind} ${one.metadata.name} does not go within ${limit} ms${told(seen)}`)
    }
  }

  return {
    inject(wanted, signal) {
      const { kind, metadata } = wanted
      return injectSteps(metadata.name, signal, {
        async harm() {
          await api
            .createNamespacedCustomObject({ group, version, namespace: metadata.namespace, plural: plurals[kind], body: wanted })
            .catch((error: unknown) => {
              throw asMeshError(error)
            })
        },
        proveApplied: () =>
          until(wanted, 'AllInjected', limitMs('fault-heals'), signal).catch((error: unknown) => {
            signal.throwIfAborted()
            throw new FaultWithoutEffect(kind, metadata.name, (error as Error).message, { cause: error })
          }),
        cure: () => remove(wanted),
      })
    },
    async sweep(namespace, run) {
      const found = await Promise.all(
        (Object.keys(plurals) as MeshKind[]).map(async (kind) => {
          const list = { group, version, namespace, plural: plurals[kind], labelSelector: `orochi.test/run=${run}` }
          const { items } = (await api.listNamespacedCustomObject(list)) as { items: readonly MeshObject[] }
          return items.map((item) => ({ ...item, kind }) as MeshObject)
        }),
      )
      for (const one of found.flat()) await remove(one)
      return found.flat().length
    },
  }
}

const told = (seen: Seen | null): string =>
  seen === null || seen.troubles.length === 0 ? '' : `: ${seen.troubles.join('; ').slice(0, 500)}`

function troublesOf(status: MeshStatus | undefined): readonly string[] {
  return (status?.experiment?.containerRecords ?? []).flatMap(({ id, events = [] }) =>
    events.filter(({ type }) => type === 'Failed').map(({ message }) => `${id}: ${message ?? 'failed'}`),
  )
}

const isAbsent = (error: unknown): boolean => (error as { code?: unknown }).code === 404

function asMeshError(error: unknown): HarnessError {
  const { code, message } = error as { code?: number; message: string }
  const where = code === 404 ? 'the cluster knows no such kind: install Chaos Mesh' : `the cluster said ${code ?? 'nothing'}`
  return new HarnessError(code === 404 ? 'capability-absent' : 'tool-missing', `Chaos Mesh: ${where} (${message.slice(0, 200)})`, {
    cause: error,
  })
}
