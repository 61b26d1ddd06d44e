/** The path passes few bytes in a second, those of all its connections together. */
import type { Fault } from '../fault.ts'
import { linkFault } from '../link-fault.ts'
import { carry } from '../looking.ts'
import type { OneWay } from '../../stack/stack.ts'

export interface LinkThrottle extends OneWay {
  readonly bytesPerSecond: number
}

export default function linkThrottle({ bytesPerSecond, ...way }: LinkThrottle = { bytesPerSecond: 1_000 }): Fault {
  return linkFault({
    name: 'link-throttle',
    harm: (link) => link.throttle(bytesPerSecond, way),
    async look(stack, link, not) {
      // As much as passes in a second, each way.
      const answer = await carry(stack, link, bytesPerSecond, 10_000)
      if ('why' in answer) return `${bytesPerSecond} bytes do not come back over ${link.target} soon: ${answer.why}`
      const told = `${bytesPerSecond} bytes went there and back in ${answer.ms} ms`
      return answer.ms < 500 ? not(told) : told
    },
  })
}

export const trial = { targets: ['postgres-0'], topology: { replicas: 1 } }
