/** A gateway that declines GSS encryption as often as it is asked for. */
import { encode } from '../fixtures/probe.ts'
import { behind } from './kit/fronted-gateway.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'declines GSS encryption as often as it is asked for',
  refutes: { 'SEC-133': ['once'] },
} satisfies Lie

if (import.meta.main) {
  await behind(process.argv, (client, back) => {
    const gateway = back()
    client.on('data', (chunk: Buffer) => (chunk.equals(encode.gssRequest()) ? client.write('N') : gateway.write(chunk)))
    client.on('end', () => gateway.end()).once('close', () => gateway.destroy())
    gateway.pipe(client)
  })
}
