/** The floor: the least a Node program can do between a client and a pooler. Arguments: listen, upstream, and for TLS certificate and key. */
import { readFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createSecureContext, TLSSocket, type SecureContext } from 'node:tls'

const [listen = '', upstream = '', certFile, keyFile] = process.argv.slice(2)
const addressOf = (text: string) => ({ host: text.slice(0, text.lastIndexOf(':')), port: Number(text.slice(text.lastIndexOf(':') + 1)) })
const to = { ...addressOf(upstream), noDelay: true, allowHalfOpen: true }
const context = certFile === undefined ? null : createSecureContext({ cert: readFileSync(certFile), key: readFileSync(keyFile ?? '') })

createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
  if (context === null) join(socket, connect(to))
  else endTls(socket, context)
}).listen(addressOf(listen))

/** Whatever the first packet is, it is taken for an SSLRequest. */
function endTls(socket: Socket, secureContext: SecureContext): void {
  socket
    .on('error', () => {})
    .once('data', () => {
      socket.pause()
      socket.write('S')
      const secured = new TLSSocket(socket, { isServer: true, secureContext })
      join(secured, connect(to))
    })
}

function join(client: Duplex, pooler: Socket): void {
  flow(client, pooler)
  flow(pooler, client)
}

function flow(from: Duplex, into: Duplex): void {
  from.on('data', (chunk: Buffer) => {
    if (!into.write(chunk)) from.pause()
  })
  into.on('drain', () => from.resume())
  from
    .on('end', () => into.end())
    .on('error', () => into.destroy())
    .on('close', () => into.destroy())
}
