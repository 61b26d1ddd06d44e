/** Serves a stack's signing key as a JWK set over plain HTTP on the loopback address, for gateways that fetch their keys. */
import { createPublicKey } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface KeyServer extends AsyncDisposable {
  readonly url: string
}

export interface ServedKey {
  readonly id: string
  readonly publicKeyPem: string
}

export async function serveKeys(keys: readonly ServedKey[]): Promise<KeyServer> {
  const set = {
    keys: keys.map(({ id, publicKeyPem }) => ({
      ...createPublicKey(publicKeyPem).export({ format: 'jwk' }),
      kid: id,
      use: 'sig',
      alg: 'RS256',
    })),
  }
  const body = JSON.stringify(set)
  const server = createServer((request, response) => {
    const found = request.url === '/.well-known/jwks.json'
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json', 'cache-control': 'max-age=300' }).end(found ? body : '{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/.well-known/jwks.json`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
