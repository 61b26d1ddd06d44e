/** A gateway that encrypts what it says to its pooler, and does not look with whom it speaks. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect } from 'node:tls'
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'encrypts what it says to its pooler, and does not look with whom it speaks',
  refutes: { 'SEC-140': ['wrong-name', 'unknown-authority', 'expired', 'stuffed', 'audited'] },
} satisfies Lie

const sslRequest = Buffer.from('0000000804d2162f', 'hex')

if (import.meta.main) {
  await run(process.argv, {
    async dial(address, signal) {
      const socket = (await pieces.dial({ ...address, tls: null }, signal)) as Socket
      if (address.tls === null) return socket
      socket.write(sslRequest)
      await once(socket, 'readable')
      socket.read()
      const secured = connect({ socket, rejectUnauthorized: false, checkServerIdentity: () => undefined })
      secured.on('error', () => secured.destroy())
      await once(secured, 'secureConnect')
      return secured
    },
  })
}
