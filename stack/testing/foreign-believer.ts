/** A gateway that ends TLS, takes any token for good, and, with `--mortal`, dies of a CancelRequest. Everything it must know is in its environment. */
import { readFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createSecureContext, TLSSocket } from 'node:tls'
import { frame, saslInitial, saslResponse, startup } from '../../fixtures/probe/encode.ts'
import { startScram } from '../../fixtures/probe/scram.ts'

const told = (name: string): string => process.env[`OROCHI_GATEWAY_${name}`] ?? ''
const secureContext = createSecureContext({ cert: readFileSync(told('CERT_FILE')), key: readFileSync(told('KEY_FILE')) })
const sslCode = 80_877_103
const cancelCode = 80_877_102

createServer((socket) => {
  socket.on('error', () => {})
  void serve(socket).catch(() => socket.destroy())
}).listen(Number(told('LISTEN_PORT')), told('LISTEN_HOST'))

async function serve(socket: Socket): Promise<void> {
  const first = await take(socket)
  const code = first.readUInt32BE(4)
  if (code === cancelCode) {
    if (process.argv.includes('--mortal')) process.nextTick(() => (null as unknown as { claims: object }).claims)
    return void socket.end()
  }
  if (code !== sslCode) return void socket.end()
  socket.write('S')
  const client = new TLSSocket(socket, { isServer: true, secureContext }).on('error', () => socket.destroy())
  await take(client)
  client.write(frame('R', Buffer.from([0, 0, 0, 3])))
  await take(client)
  const pooler = await logIn()
  client.pipe(pooler.on('error', () => client.destroy())).pipe(client)
}

/** One chunk is one message here: clients of a test send them so. */
function take(stream: Duplex): Promise<Buffer> {
  return new Promise((resolve) => {
    stream.once('data', (chunk: Buffer) => {
      stream.pause()
      resolve(chunk)
    })
    stream.resume()
  })
}

/** Up to AuthenticationOk, which the client is to hear. */
async function logIn(): Promise<Socket> {
  const pooler = connect(Number(told('UPSTREAM_PORT')), told('UPSTREAM_HOST')).on('error', () => {})
  const scram = startScram(told('UPSTREAM_PASSWORD'))
  pooler.write(startup({ user: told('UPSTREAM_USER'), database: told('UPSTREAM_DATABASE') }))
  await take(pooler)
  pooler.write(saslInitial('SCRAM-SHA-256', scram.clientFirst))
  const challenge = await take(pooler)
  pooler.write(saslResponse(scram.clientFinal(challenge.toString('latin1', 9))))
  const last = await take(pooler)
  const final = 1 + last.readUInt32BE(1)
  pooler.unshift(last.subarray(final))
  return pooler
}
