/** Every connection of the path is reset once so many of its bytes have passed, those that are open and those that come. */
import type { Fault } from '../fault.ts'
import { linkFault } from '../link-fault.ts'
import { carry } from '../looking.ts'
import type { OneWay } from '../../stack/stack.ts'

export interface LinkReset extends OneWay {
  readonly afterBytes: number
}

export default function linkReset({ afterBytes, ...way }: LinkReset = { afterBytes: 64 }): Fault {
  return linkFault({
    name: 'link-reset',
    harm: (link) => link.resetAfter(afterBytes, way),
    async look(stack, link, not) {
      const answer = await carry(stack, link, afterBytes)
      return 'ms' in answer
        ? not(`${afterBytes} bytes were carried there and back`)
        : `no connection of ${link.target} carries ${afterBytes} bytes: ${answer.why}`
    },
  })
}

export const trial = { targets: ['pooler-0'], topology: { replicas: 1 } }
