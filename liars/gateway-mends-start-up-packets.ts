/** A gateway that makes a start-up packet of whatever comes instead of one. */
import { encode } from '../fixtures/probe.ts'
import { behind, join, onFirst } from './kit/fronted-gateway.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'makes a start-up packet of whatever comes instead of one',
  refutes: { 'SEC-130': ['refused'] },
} satisfies Lie

const mended = encode.startup({ user: 'tenant_user', database: 'orochi' })
const requests = [encode.sslRequest(), encode.gssRequest()]

if (import.meta.main) {
  await behind(process.argv, (client, back) =>
    onFirst(client, (chunk) => {
      const gateway = back()
      gateway.write(requests.some((request) => request.equals(chunk)) ? chunk : mended)
      join(client, gateway)
    }),
  )
}
