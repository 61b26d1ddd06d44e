/** Everything on the path is late, by the same or by chance. */
import type { Fault } from '../fault.ts'
import { linkFault } from '../link-fault.ts'
import { crossing } from '../looking.ts'
import type { Jitter, OneWay } from '../../stack/stack.ts'

export interface LinkSlow extends OneWay, Jitter {
  readonly delayMs: number
}

export default function linkSlow({ delayMs, ...way }: LinkSlow = { delayMs: 100 }): Fault {
  return linkFault({
    name: 'link-slow',
    harm: (link) => link.slow(delayMs, way),
    async look(stack, link, not) {
      // A crossing is a login and a question: several chunks each way.
      const answer = await crossing(stack, link, 20 * delayMs + 5_000)
      if ('why' in answer) return `${link.target} is late: ${answer.why}`
      return answer.ms < delayMs
        ? not(`it was crossed in ${answer.ms} ms`)
        : `${link.target} is crossed in ${answer.ms} ms, each chunk ${delayMs} ms late`
    },
  })
}

export const trial = { targets: ['postgres-0', 'replication-0-1'], topology: { replicas: 1 } }
