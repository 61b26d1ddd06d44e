/** The path passes nothing, and nothing is lost: what was sent waits, on old and new connections alike. */
import type { Fault } from '../fault.ts'
import { linkFault } from '../link-fault.ts'
import { crossing } from '../looking.ts'
import type { OneWay } from '../../stack/stack.ts'

export default function linkCut(way: OneWay = {}): Fault {
  return linkFault({
    name: 'link-cut',
    harm: (link) => link.cut(way),
    async look(stack, link, not) {
      const answer = await crossing(stack, link, 500)
      return 'ms' in answer ? not(`it was crossed in ${answer.ms} ms`) : `nobody crosses ${link.target}: ${answer.why}`
    },
  })
}

export const trial = { targets: ['postgres-0', 'pooler-0', 'replication-0-1'], topology: { replicas: 1 } }
