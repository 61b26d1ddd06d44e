/** Very many clients knock at the gateway's door at once, and stay without a word. */
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { injectSteps, FaultWithoutEffect, type Fault } from '../fault.ts'
import { partFor, until } from '../looking.ts'
import { mainPort } from '../../stack/layout.ts'
import type { Address } from '../../stack/launch.ts'
import { attemptLogin } from '../doorway.ts'

const name = 'connection-storm'

export interface ConnectionStorm {
  readonly clients: number
}

/** Asks for TLS, as every client does first. */
const sslRequest = Buffer.from('0000000804d2162f', 'hex')

export default function connectionStorm({ clients }: ConnectionStorm = { clients: 2_000 }): Fault {
  return {
    name,
    needs: ['gateway', 'tls'],
    inject(stack, target, signal) {
      const part = partFor(stack, target, 'gateway', [])
      const crowd: Socket[] = []
      const counts = { connected: 0, answered: 0, closed: 0 }
      return injectSteps(target, signal, {
        async harm() {
          for (let i = 0; i < clients; i++) crowd.push(knock(mainPort(part), counts))
          await until(`${clients} clients at ${target}`, async () => (counts.connected + counts.closed >= clients ? '' : null))
        },
        async proveApplied() {
          if (counts.connected < clients / 2)
            throw new FaultWithoutEffect(name, target, `${counts.connected} of ${clients} clients got through to it`)
          return `${counts.connected} of ${clients} clients came to ${target} at once: ${counts.answered} were answered, ${counts.closed} turned away so far`
        },
        async cure() {
          await Promise.all(crowd.map(leave))
          return until(`${target} after the storm`, async () => {
            const told = await attemptLogin(stack, part)
            return told.answered ? `${target} answers those who come: ${told.what}` : null
          })
        },
      })
    },
  }
}

function knock(address: Address, counts: { connected: number; answered: number; closed: number }): Socket {
  const socket = connect(address)
  socket.on('error', () => {})
  socket.once('connect', () => {
    counts.connected++
    socket.write(sslRequest)
  })
  socket.once('data', () => counts.answered++)
  socket.once('close', () => counts.closed++)
  return socket
}

async function leave(socket: Socket): Promise<void> {
  if (socket.closed) return
  const closed = once(socket, 'close')
  socket.destroy()
  await closed
}

export const trial = { targets: ['gateway-0'], topology: { gateway: { settings: { workers: { count: 2 } } } } }
