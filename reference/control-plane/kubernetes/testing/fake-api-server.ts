/** An API server for tests: objects with versions, server-side apply, watches; and whatever trouble a test orders. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ObjectStore, type Stored } from './object-store.ts'
import type { Tree } from './merge.ts'

export interface Trouble {
  /** Takes part in it: `PATCH /apis/apps/v1/…`. */
  readonly on: RegExp
  /** 0: the connection breaks; null: it is only late. */
  readonly status: number | null
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
  readonly afterMs?: number
  readonly times?: number
}

export interface FakeApiServer extends AsyncDisposable {
  readonly url: string
  readonly store: ObjectStore
  /** `METHOD path?query`, in order. */
  readonly asked: readonly string[]
  readonly headers: readonly IncomingMessage['headers'][]
  trouble(trouble: Trouble): void
  /** Breaks all watches off. */
  cutWatches(): void
}

export async function startFakeApiServer(store = new ObjectStore()): Promise<FakeApiServer> {
  const asked: string[] = []
  const headers: IncomingMessage['headers'][] = []
  const troubles: (Trouble & { left: number })[] = []
  const watches = new Set<ServerResponse>()

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const line = `${request.method} ${request.url}`
    asked.push(line)
    headers.push(request.headers)
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString()
    const trouble = troubles.find(({ on, left }) => left > 0 && on.test(line))
    if (trouble !== undefined) {
      trouble.left--
      await new Promise((resolve) => setTimeout(resolve, trouble.afterMs ?? 0))
      if (trouble.status === 0) return void response.destroy()
      if (trouble.status !== null) return answer(response, trouble.status, trouble.body ?? {}, trouble.headers)
    }
    const url = new URL(request.url!, 'http://here')
    if (url.searchParams.get('watch') === 'true') return watch(url, response)
    const { status, body: told } = handle(store, request.method!, url, body === '' ? undefined : (JSON.parse(body) as Tree))
    answer(response, status, told)
  }

  function watch(url: URL, response: ServerResponse): void {
    const since = Number(url.searchParams.get('resourceVersion'))
    if (since < store.oldest) return answer(response, 410, { kind: 'Status', reason: 'Expired', message: 'too old resource version' })
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
    watches.add(response)
    const send = (event: object) => void response.write(`${JSON.stringify(event)}\n`)
    const stop = store.follow(collectionOf(url).path, url.searchParams.get('labelSelector') ?? '', since, send)
    response.on('close', () => (watches.delete(response), stop()))
  }

  const server = createServer((request, response) => void take(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    store,
    asked,
    headers,
    trouble: (trouble) => void troubles.push({ ...trouble, left: trouble.times ?? 1 }),
    cutWatches: () => watches.forEach((response) => response.destroy()),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function answer(response: ServerResponse, status: number, body: object, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(`${JSON.stringify(body)}\n`)
}

/** `/api/v1/namespaces/n/pods/name/sub`. */
function collectionOf({ pathname }: URL): { readonly path: string; readonly name?: string; readonly subresource?: string } {
  const [, path, name, subresource] =
    /^(\/(?:api\/v1|apis\/[^/]+\/v1)\/namespaces\/[^/]+\/[^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(pathname) ?? []
  return { path: path ?? '', ...(name === undefined ? {} : { name }), ...(subresource === undefined ? {} : { subresource }) }
}

interface Told {
  readonly status: number
  readonly body: object
}

const refuse = (status: number, reason: string, more: object = {}): Told => ({
  status,
  body: { kind: 'Status', reason, message: reason, ...more },
})

function handle(store: ObjectStore, method: string, url: URL, body: Tree | undefined): Told {
  const { path, name, subresource } = collectionOf(url)
  if (name === undefined) return list(store, path, url)
  const existing = store.get(path, name)
  if (method === 'PATCH') return patch(store, path, name, existing, url, body!, subresource)
  if (existing === undefined) return refuse(404, 'NotFound')
  if (method === 'GET') return { status: 200, body: existing.object }
  const uid = (body?.['preconditions'] as Tree | undefined)?.['uid']
  if (uid !== undefined && uid !== (existing.object['metadata'] as Tree)['uid']) return refuse(409, 'Conflict')
  store.delete(path, name)
  return { status: 200, body: { kind: 'Status', status: 'Success' } }
}

function list(store: ObjectStore, path: string, url: URL): Told {
  const all = store.list(path, url.searchParams.get('labelSelector') ?? '')
  const limit = Math.min(Number(url.searchParams.get('limit') ?? 1000), store.pageSize)
  const from = Number(url.searchParams.get('continue') ?? 0)
  const more = from + limit < all.length ? { continue: String(from + limit) } : {}
  return {
    status: 200,
    body: { kind: 'List', metadata: { resourceVersion: String(store.version), ...more }, items: all.slice(from, from + limit) },
  }
}

function patch(
  store: ObjectStore,
  path: string,
  name: string,
  existing: Stored | undefined,
  url: URL,
  body: Tree,
  subresource?: string,
): Told {
  const manager = url.searchParams.get('fieldManager') ?? 'nobody'
  if (url.searchParams.has('force')) {
    const version = (body['metadata'] as Tree)['resourceVersion']
    const seen = existing === undefined ? undefined : (existing.object['metadata'] as Tree)['resourceVersion']
    if (version !== undefined && version !== seen) return refuse(409, 'Conflict')
    const conflicts = store.apply(path, name, manager, body, url.searchParams.get('force') === 'true')
    if (conflicts.length === 0) return { status: 200, body: store.get(path, name)!.object }
    const causes = conflicts.map((one) => ({
      reason: 'FieldManagerConflict',
      field: one.field,
      message: `conflict with "${one.manager}" using apps/v1`,
    }))
    return refuse(409, 'Conflict', { details: { causes } })
  }
  if (existing === undefined) return refuse(404, 'NotFound')
  store.update(path, name, manager, body)
  return { status: 200, body: subresource === 'scale' ? { kind: 'Scale' } : store.get(path, name)!.object }
}
