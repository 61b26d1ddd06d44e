/** A router that encrypts, and believes whoever answers. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { encodeStartup } from '../reference/wire/index.ts'
import { runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'encrypts, and believes whoever answers',
  refutes: { 'TLS-004': ['refused'] },
} satisfies Lie

if (import.meta.main)
  await runRouter(process.argv, {
    async openSocket({ host, port }, begun) {
      const socket = connect({ host, port, noDelay: true })
      begun(socket)
      socket.write(encodeStartup({ kind: 'ssl-request' }))
      const [answer] = (await once(socket, 'data')) as [Buffer]
      if (answer.toString() !== 'S') throw new Error('no encryption')
      socket.pause()
      const secured = connectTls({ socket, rejectUnauthorized: false })
      begun(secured)
      await once(secured, 'secureConnect')
      return secured
    },
  })
