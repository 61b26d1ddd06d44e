/** How busy the machine was before a measurement began and while it ran: what disturbs may not refute. */
import { setTimeout as sleep } from 'node:timers/promises'
import { machineKey } from '../environment.ts'
import { readProcessors, watchProcessors } from '../environment/processor.ts'
import type { MachineFigures } from '../result.ts'

/** So long the machine is looked at while nothing of ours runs. */
const restMs = 300
/** A share of the processors that others use, or that the host takes away, from which on figures are not those of the system alone. */
const limits = { foreign: 0.2, steal: 0.05 }

/** Looks at the machine at rest, and then watches; the function it resolves to tells how it was since. */
export async function watchMachine(): Promise<() => MachineFigures> {
  const rest = watchProcessors()
  await sleep(restMs)
  const foreignShare = rest().busy
  const { model, count, load1 } = readProcessors()
  const meanwhile = watchProcessors()
  return () => ({
    id: machineKey(),
    cores: count,
    model,
    loadAtStart: load1.value ?? Number.NaN,
    stealShare: meanwhile().steal.value,
    foreignShare,
  })
}

/** What made everything slower than it is, in words; null if nothing did. */
export function disturbanceOf({ foreignShare, stealShare }: MachineFigures): string | null {
  const percent = (share: number) => `${Math.round(share * 100)} %`
  if (foreignShare !== null && foreignShare > limits.foreign)
    return `before it began, something else kept ${percent(foreignShare)} of the processors busy`
  return stealShare !== null && stealShare > limits.steal ? `the host took ${percent(stealShare)} of the processors' time away` : null
}
