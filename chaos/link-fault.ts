/** Faults of paths differ in what is done and in what shows it; the rest is the same: a path is healed when it can be crossed again. */
import type { Link, Stack } from '../stack/stack.ts'
import { injectSteps, FaultWithoutEffect, type Fault } from './fault.ts'
import { crossable } from './looking.ts'

export interface LinkHarm {
  readonly name: string
  readonly harm: (link: Link) => AsyncDisposable
  /** Says what shows that it bites, or calls `not` with what was seen instead. */
  readonly look: (stack: Stack, link: Link, not: (seen: string) => never) => Promise<string>
}

export function linkFault({ name, harm, look }: LinkHarm): Fault {
  return {
    name,
    needs: ['links'],
    inject(stack, target, signal) {
      const link = stack.link(target)
      let done: AsyncDisposable | undefined
      const not = (seen: string): never => {
        throw new FaultWithoutEffect(name, target, seen)
      }
      return injectSteps(target, signal, {
        async harm() {
          done = harm(link)
        },
        proveApplied: () => look(stack, link, not),
        async cure() {
          await done?.[Symbol.asyncDispose]()
          return crossable(stack, link)
        },
      })
    },
  }
}
