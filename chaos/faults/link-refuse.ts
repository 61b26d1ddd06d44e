/** Open connections of the path are reset, and so are new ones at once. */
import type { Fault } from '../fault.ts'
import { linkFault } from '../link-fault.ts'
import { crossing } from '../looking.ts'

export default function linkRefuse(): Fault {
  return linkFault({
    name: 'link-refuse',
    harm: (link) => link.refuse(),
    async look(stack, link, not) {
      const answer = await crossing(stack, link, 500)
      return 'ms' in answer ? not(`it was crossed in ${answer.ms} ms`) : `nobody crosses ${link.target}: ${answer.why}`
    },
  })
}

export const trial = { targets: ['postgres-0', 'replication-0-1'], topology: { replicas: 1 } }
