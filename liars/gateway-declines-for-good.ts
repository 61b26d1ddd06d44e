/** A gateway that is done with a client that asked for GSS encryption first. */
import { encode } from '../fixtures/probe.ts'
import { behind, join, onFirst } from './kit/fronted-gateway.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'is done with a client that asked for GSS encryption first',
  refutes: { 'SEC-133': ['either-order'] },
} satisfies Lie

if (import.meta.main) {
  await behind(process.argv, (client, back) =>
    onFirst(client, (chunk) => {
      if (chunk.equals(encode.gssRequest())) client.end('N')
      const gateway = back()
      gateway.write(chunk)
      if (!client.writableEnded) join(client, gateway)
    }),
  )
}
