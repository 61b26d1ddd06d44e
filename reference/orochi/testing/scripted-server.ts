/** A control plane that answers as a test wrote it down, and keeps what it was asked. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
}

export interface Scripted {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

type Answer = Scripted | ((asked: Asked, response: ServerResponse) => Scripted | null)

export interface ScriptedServer extends AsyncDisposable {
  readonly url: string
  readonly asked: readonly Asked[]
}

/** By `METHOD /path`; a list is answered in its order, its last answer again and again. Null: the test has answered itself. */
export async function startScripted(answers: Readonly<Record<string, Answer | readonly Answer[]>>): Promise<ScriptedServer> {
  const asked: Asked[] = []
  const turns = new Map<string, number>()
  const server = createServer((request, response) => void take(request, response))
  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString()
    const one = { method: request.method!, path: request.url!, headers: request.headers, body: text === '' ? undefined : JSON.parse(text) }
    asked.push(one)
    const key = `${one.method} ${one.path}`
    const turn = turns.get(key) ?? 0
    turns.set(key, turn + 1)
    const row = [answers[key] ?? notFound].flat() as readonly Answer[]
    const answer = row[Math.min(turn, row.length - 1)]!
    const scripted = typeof answer === 'function' ? answer(one, response) : answer
    if (scripted !== null) send(response, scripted)
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stop = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, [Symbol.asyncDispose]: stop }
}

const notFound = { status: 404, body: { title: 'no such thing' } }

function send(response: ServerResponse, { status = 200, headers = {}, body }: Scripted): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? {})
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text)
}
