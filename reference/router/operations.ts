/** What operators and orchestrators ask: alive, ready, and the counters. */
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { Registry } from 'prom-client'

export interface OperationsOptions {
  readonly registry: Registry
  readonly ready: () => boolean
}

export function createOperations({ registry, ready }: OperationsOptions): Server {
  return createServer((request, response) => {
    request.resume()
    const path = request.url?.split('?')[0]
    if (request.method !== 'GET') return answer(response, 405, 'only GET\n')
    if (path === '/health') return answer(response, 200, 'alive\n')
    if (path === '/ready') return ready() ? answer(response, 200, 'ready\n') : answer(response, 503, 'draining\n')
    if (path === '/metrics') return void answerMetrics(registry, response)
    return answer(response, 404, 'there are /health, /ready and /metrics\n')
  })
}

async function answerMetrics(registry: Registry, response: ServerResponse): Promise<void> {
  try {
    const text = await registry.metrics()
    answer(response.setHeader('content-type', registry.contentType), 200, text)
  } catch {
    answer(response, 500, 'the counters cannot be read\n')
  }
}

function answer(response: ServerResponse, status: number, text: string): void {
  if (!response.hasHeader('content-type')) response.setHeader('content-type', 'text/plain; charset=utf-8')
  response.writeHead(status).end(text)
}
