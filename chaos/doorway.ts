/** Comes to a gateway as a client without a valid token: it is answered, and that is written down. */
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { once } from 'node:events'
import { limitMs } from '../stack/limits.ts'
import { mainPort } from '../stack/layout.ts'
import type { Running } from '../stack/launch.ts'
import type { Stack } from '../stack/stack.ts'

export interface Told {
  readonly answered: boolean
  readonly what: string
}

const sslRequest = Buffer.from('0000000804d2162f', 'hex')

/** Returns once the gateway has closed the connection. */
export async function attemptLogin(stack: Stack, part: Running): Promise<Told> {
  const signal = AbortSignal.timeout(limitMs('fault-heals') / 4)
  const socket = connect({ ...mainPort(part), signal })
  socket.on('error', () => {})
  try {
    await once(socket, 'connect', { signal })
    socket.write(sslRequest)
    const [answer] = (await once(socket, 'data', { signal })) as [Buffer]
    if (answer.toString('latin1') !== 'S') return { answered: false, what: 'it speaks no TLS' }
    const secure = connectTls({ socket, ca: stack.door.ca, servername: stack.door.servername })
    secure.on('error', () => {})
    await once(secure, 'secureConnect', { signal })
    secure.write(startup(stack))
    const chunks: Buffer[] = []
    for await (const chunk of secure) {
      chunks.push(chunk as Buffer)
      // Asked for a password: an empty one is no token.
      if ((chunk as Buffer)[0] === 0x52) secure.write(Buffer.from('700000000500', 'hex'))
    }
    const what = Buffer.concat(chunks)
      .toString('latin1')
      .replaceAll(/[^\x20-\x7e]+/g, ' ')
      .trim()
    return { answered: what !== '', what: what.slice(0, 120) }
  } catch (error) {
    return { answered: false, what: (error as Error).message }
  } finally {
    socket.destroy()
  }
}

function startup({ role, door }: Stack): Buffer {
  const body = Buffer.from(`user\0${role}\0database\0${door.database}\0\0`)
  const head = Buffer.alloc(8)
  head.writeInt32BE(body.length + 8, 0)
  head.writeInt32BE(196_608, 4)
  return Buffer.concat([head, body])
}
