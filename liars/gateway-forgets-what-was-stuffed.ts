/** A gateway that throws away what follows a request for encryption, and goes on. */
import { behind, join, onFirst } from './kit/fronted-gateway.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'throws away what follows a request for encryption, and goes on',
  refutes: { 'SEC-129': ['dropped'] },
} satisfies Lie

const requestBytes = 8

if (import.meta.main) {
  await behind(process.argv, (client, back) =>
    onFirst(client, (chunk) => {
      const gateway = back()
      gateway.write(chunk.subarray(0, requestBytes))
      join(client, gateway)
    }),
  )
}
