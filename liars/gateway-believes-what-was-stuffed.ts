/** A gateway that takes what follows a request for encryption for what was sent under it. */
import { pieces } from '../reference/gateway/index.ts'
import { behind, join, onFirst } from './kit/fronted-gateway.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes what follows a request for encryption for what was sent under it',
  refutes: { 'SEC-129': ['unused'] },
} satisfies Lie

const requestBytes = 8

if (import.meta.main) {
  const tls = { ...pieces.tls, required: false }
  await behind(
    process.argv,
    (client, back) =>
      onFirst(client, (chunk) => {
        const gateway = back()
        if (chunk.length > requestBytes) client.write('S')
        gateway.write(chunk.length > requestBytes ? chunk.subarray(requestBytes) : chunk)
        join(client, gateway)
      }),
    { tls },
  )
}
