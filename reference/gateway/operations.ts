/** The operations port: health, readiness and metrics over HTTP, for machines inside. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Metrics } from './metrics.ts'

export interface OperationsTerms {
  readonly metrics: Metrics
  /** True while clients are taken in. */
  readonly isReady: () => boolean
}

/** Not listening yet. */
export function makeOperations(terms: OperationsTerms): Server {
  return createServer({ requestTimeout: 5000, headersTimeout: 5000 }, (request, response) => {
    answer(request, response, terms).catch(() => response.destroy())
  })
}

async function answer(request: IncomingMessage, response: ServerResponse, { metrics, isReady }: OperationsTerms): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'GET only\n')
  switch (request.url?.split('?')[0]) {
    case '/health':
      return send(response, 200, 'alive\n')
    case '/ready':
      return isReady() ? send(response, 200, 'ready\n') : send(response, 503, 'not taking clients\n')
    case '/metrics': {
      const { contentType, text } = await metrics.render()
      return send(response, 200, text, contentType)
    }
    default:
      return send(response, 404, 'there are /health, /ready and /metrics\n')
  }
}

function send(response: ServerResponse, status: number, body: string, contentType = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }).end(body)
}
