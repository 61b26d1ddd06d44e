/** The operations port: health, readiness, metrics and what else there is to be asked or told, over HTTP, for machines inside. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

/** A request, whole; it can be passed on to another process. */
export interface OperationsRequest {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly authorization: string | null
  readonly body: string
}

export interface OperationsAnswer {
  readonly status: number
  readonly body: string
  readonly contentType?: string
}

/** With several worker processes each of them is asked; the answer with the highest status is given. */
export type Route = (request: OperationsRequest) => OperationsAnswer | Promise<OperationsAnswer>

/** By method and path: `POST /revocations`. */
export type Routes = Readonly<Record<string, Route>>

export const maxBodyBytes = 65_536

/** Not listening yet. */
export function makeOperations(answer: Route): Server {
  return createServer({ requestTimeout: 5000, headersTimeout: 5000, maxHeaderSize: 16_384 }, (request, response) => {
    serve(request, response, answer).catch(() => response.destroy())
  })
}

/** HEAD is GET without the body. */
export async function answerFrom(routes: Routes, request: OperationsRequest): Promise<OperationsAnswer> {
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const route = Object.hasOwn(routes, `${method} ${request.path}`) ? routes[`${method} ${request.path}`] : undefined
  if (route !== undefined) return await route(request)
  const known = Object.keys(routes).toSorted().join(', ')
  const elsewhere = Object.keys(routes).some((name) => name.endsWith(` ${request.path}`))
  return { status: elsewhere ? 405 : 404, body: `there are ${known}\n` }
}

async function serve(request: IncomingMessage, response: ServerResponse, answer: Route): Promise<void> {
  const body = await readBody(request)
  if (body === null) return send(request, response, { status: 413, body: `no more than ${maxBodyBytes} bytes\n` })
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://operations')
  const { method = '', headers } = request
  const asked = { method, path: pathname, query: searchParams.toString(), authorization: headers.authorization ?? null, body }
  send(request, response, await answer(asked))
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBodyBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function send(request: IncomingMessage, response: ServerResponse, { status, body, contentType }: OperationsAnswer): void {
  const headers = { 'content-type': contentType ?? 'text/plain; charset=utf-8', 'content-length': Buffer.byteLength(body) }
  response.writeHead(status, request.complete ? headers : { ...headers, connection: 'close' })
  response.end(request.method === 'HEAD' ? '' : body)
}
