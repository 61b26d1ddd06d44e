/** A gateway that takes nobody in any more after a length of 2 GiB. */
import { behind, join, onFirst } from './kit/fronted-gateway.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes nobody in any more after a length of 2 GiB',
  refutes: { 'SEC-130': ['refused', 'alive'] },
} satisfies Lie

const tooLong = 0x7fff_ffff

if (import.meta.main) {
  await behind(process.argv, (client, back, front) =>
    onFirst(client, (chunk) => {
      if (chunk.length >= 4 && chunk.readUInt32BE() >= tooLong) front.close()
      const gateway = back()
      gateway.write(chunk)
      join(client, gateway)
    }),
  )
}
