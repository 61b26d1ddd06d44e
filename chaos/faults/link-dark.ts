/** The path swallows what is said on it without a word (half-open): the far side never hears it, or is never heard. */
import type { Fault } from '../fault.ts'
import { linkFault } from '../link-fault.ts'
import { crossing } from '../looking.ts'
import type { OneWay } from '../../stack/stack.ts'

export default function linkDark(way: OneWay = {}): Fault {
  return linkFault({
    name: 'link-dark',
    harm: (link) => link.blackhole(way),
    async look(stack, link, not) {
      const answer = await crossing(stack, link, 500)
      return 'ms' in answer ? not(`it was crossed in ${answer.ms} ms`) : `nobody crosses ${link.target}: ${answer.why}`
    },
  })
}

export const trial = { targets: ['pooler-0'], topology: { replicas: 1 } }
