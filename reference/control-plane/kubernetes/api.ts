/** Asks a Kubernetes API server, with the client's ways of authentication and our own patience: deadlines, and another try where that helps. */
import { HttpMethod, IsomorphicFetchHttpLibrary, RequestContext, type KubeConfig, type ResponseContext } from '@kubernetes/client-node'
import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError, errorOf } from './api-error.ts'

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly body?: unknown
  readonly contentType?: string
}

export interface KubeApi {
  request<T>(request: ApiRequest, signal: AbortSignal): Promise<T>
  /** Lines of JSON, as they come. */
  stream(request: ApiRequest, signal: AbortSignal): AsyncGenerator<string>
}

export interface Patience {
  /** For one answer. */
  readonly answerMs: number
  /** Tries in all. */
  readonly tries: number
  readonly firstPauseMs: number
  readonly longestPauseMs: number
}

export const patience: Patience = { answerMs: 10_000, tries: 6, firstPauseMs: 100, longestPauseMs: 5_000 }

export function makeKubeApi(config: KubeConfig, { answerMs, tries, firstPauseMs, longestPauseMs }: Patience = patience): KubeApi {
  const server = config.getCurrentCluster()?.server
  if (server === undefined) throw new Error('the kubeconfig names no current cluster')
  const http = new IsomorphicFetchHttpLibrary()
  const connections = keepConnections()

  async function send(request: ApiRequest, signal: AbortSignal): Promise<ResponseContext> {
    const context = contextOf(server!, request, signal)
    await config.applySecurityAuthentication(context)
    connections.lend(context)
    const response = await http
      .send(context)
      .toPromise()
      .catch((cause: unknown) => Promise.reject(errorOf(cause)))
    if (response.httpStatusCode < 300) return response
    throw new ApiError(response.httpStatusCode, await response.body.text().catch(() => ''), response.headers['retry-after'])
  }

  async function once<T>(request: ApiRequest, signal: AbortSignal): Promise<T> {
    const response = await send(request, AbortSignal.any([AbortSignal.timeout(answerMs), signal]))
    const text = await response.body.text().catch((cause: unknown) => Promise.reject(errorOf(cause)))
    return JSON.parse(text) as T
  }

  return {
    /** Everything that is asked for here may be asked for twice. */
    async request<T>(request: ApiRequest, signal: AbortSignal): Promise<T> {
      for (let attempt = 1; ; attempt++) {
        try {
          return await once<T>(request, signal)
        } catch (cause) {
          signal.throwIfAborted()
          const error = errorOf(cause)
          if (!error.mayPass || attempt === tries) throw error
          const pauseMs = error.retryAfterMs ?? Math.min(firstPauseMs * 2 ** (attempt - 1), longestPauseMs) * (0.5 + Math.random() / 2)
          await sleep(pauseMs, undefined, { signal })
        }
      }
    },
    async *stream(request, signal) {
      const late = new AbortController()
      const timer = setTimeout(() => late.abort(new DOMException('late', 'TimeoutError')), answerMs)
      const response = await send(request, AbortSignal.any([late.signal, signal])).finally(() => clearTimeout(timer))
      yield* linesOf(response.body.stream())
    },
  }
}

/** Certificates may be renewed on disk; until then connections are worth keeping. */
const keepMs = 10 * 60_000

/** The client makes new connections, with all their handshakes, for every request: these are used again. */
function keepConnections(): { lend(context: RequestContext): void } {
  let kept = { connections: new RequestContext('http://none', HttpMethod.GET).getDispatcher(), until: 0 }
  return {
    lend(context) {
      const fresh = context.getDispatcher()
      if (fresh === undefined) return
      if (kept.connections === undefined || Date.now() > kept.until) {
        void kept.connections?.close()
        kept = { connections: fresh, until: Date.now() + keepMs }
      }
      context.setDispatcher(kept.connections!)
    },
  }
}

function contextOf(server: string, { method, path, query = {}, body, contentType }: ApiRequest, signal: AbortSignal): RequestContext {
  const context = new RequestContext(server.replace(/\/$/, '') + path, HttpMethod[method])
  for (const [name, value] of Object.entries(query)) if (value !== undefined) context.setQueryParam(name, String(value))
  context.setHeaderParam('accept', 'application/json')
  context.setSignal(signal)
  if (body === undefined) return context
  context.setHeaderParam('content-type', contentType ?? 'application/json')
  context.setBody(JSON.stringify(body))
  return context
}

/** A server may hold back the end of a line for as long as it likes, but not send one without an end. */
const lineLimit = 8 * 1024 * 1024

async function* linesOf(stream: ReadableStream<Uint8Array> | null): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for await (const chunk of stream ?? []) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = parts.pop()!
      yield* parts.filter((line) => line !== '')
      if (rest.length > lineLimit) throw new Error('a line of more than 8 MiB')
    }
  } catch (cause) {
    throw errorOf(cause)
  }
}
