/** A control plane that answers as its script says, and counts what it was asked. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Reply {
  readonly code: number
  readonly status?: string
  readonly ready?: boolean
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Says nothing at all. */
  readonly silent?: true
}

export interface ScriptedControlPlane extends AsyncDisposable {
  readonly base: string
  /** `GET acme state`, `POST acme wake`, in order. */
  readonly asked: string[]
  readonly tokens: (string | undefined)[]
  count(what: string): number
}

export type Script = (method: string, cluster: string, what: string) => Reply

export async function startControlPlane(script: Script): Promise<ScriptedControlPlane> {
  const asked: string[] = []
  const tokens: (string | undefined)[] = []
  const server = createServer((request, response) => answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  function answer({ method = '', url = '', headers }: IncomingMessage, response: ServerResponse): void {
    const [, cluster = '', what = ''] = /^\/base\/api\/v1\/internal\/clusters\/([^/]+)\/(state|wake)$/.exec(url) ?? []
    asked.push(`${method} ${cluster} ${what}`)
    tokens.push(headers.authorization)
    const { code, status = '', ready = false, body, headers: more = {}, silent } = script(method, cluster, what)
    if (silent === true) return
    const state = { cluster_id: cluster, status, is_ready: ready, message: '' }
    response.writeHead(code, { 'content-type': 'application/json', ...more }).end(body ?? JSON.stringify({ state }))
  }

  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}/base/`,
    asked,
    tokens,
    count: (what) => asked.filter((each) => each === what).length,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
