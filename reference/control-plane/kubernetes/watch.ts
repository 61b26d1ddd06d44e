/** Sees a set of objects change: from a list onwards, through dropped connections, and anew when the server has forgotten where we were. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ApiRequest } from './api.ts'
import { ApiError, errorOf } from './api-error.ts'
import { pathOf, type KindName, type KubeList, type KubeObject } from './kinds.ts'
import { ownedBy, selectorText } from './names.ts'
import type { Place } from './objects.ts'

interface Event {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: KubeObject & { readonly code?: number; readonly message?: string }
}

export interface WatchPace {
  /** After which the server ends a watch; what a lost connection costs at most. */
  readonly lengthSeconds: number
  readonly pauseMs: number
}

/** All objects of the kind each time that one of them changed; ends with its signal, by its reason. */
export async function* watchOwn<T extends KubeObject>(
  place: Place,
  kind: KindName,
  labels: Readonly<Record<string, string>> = {},
  pace: WatchPace = { lengthSeconds: 60, pauseMs: 250 },
): AsyncGenerator<readonly T[]> {
  const path = pathOf(kind, place.config.namespace)
  const selector = { labelSelector: selectorText({ ...ownedBy(place.owner), ...labels }) }
  for (;;) {
    const list = await place.api.request<KubeList<T>>({ method: 'GET', path, query: selector }, place.signal)
    const seen = new Map(list.items.map((item) => [item.metadata.name, item]))
    yield [...seen.values()]
    yield* follow(
      place,
      { method: 'GET', path, query: { ...selector, watch: true, allowWatchBookmarks: true } },
      seen,
      list.metadata.resourceVersion,
      pace,
    )
  }
}

/** Ends when only a list helps. */
async function* follow<T extends KubeObject>(
  place: Place,
  request: ApiRequest,
  seen: Map<string, T>,
  from: string,
  { lengthSeconds, pauseMs }: WatchPace,
): AsyncGenerator<readonly T[]> {
  for (let resourceVersion = from; ;) {
    const length = AbortSignal.timeout((lengthSeconds + 15) * 1000)
    const query = { ...request.query, resourceVersion, timeoutSeconds: lengthSeconds }
    try {
      for await (const line of place.api.stream({ ...request, query }, AbortSignal.any([place.signal, length]))) {
        const event = JSON.parse(line) as Event
        if (event.type === 'ERROR') throw new ApiError(event.object.code ?? 500, JSON.stringify(event.object))
        resourceVersion = event.object.metadata.resourceVersion ?? resourceVersion
        if (event.type === 'BOOKMARK') continue
        if (event.type === 'DELETED') seen.delete(event.object.metadata.name)
        else seen.set(event.object.metadata.name, event.object as unknown as T)
        yield [...seen.values()]
      }
    } catch (cause) {
      place.signal.throwIfAborted()
      const error = errorOf(cause)
      if (error.status === 410) return
      if (!error.mayPass) throw error
      await sleep(error.retryAfterMs ?? pauseMs, undefined, { signal: place.signal })
    }
    // A server that ends every watch at once must not be asked without a pause.
    await sleep(pauseMs / 5, undefined, { signal: place.signal })
  }
}

/** Resolves when none is left. */
export async function untilGone(place: Place, kind: KindName, labels: Readonly<Record<string, string>> = {}): Promise<void> {
  for await (const left of watchOwn(place, kind, labels)) if (left.length === 0) return
}
