/** What a target must not have come to when everybody has gone: much memory, or descriptors that stay open. */
import { fewDescriptors, mostResidentBytes, type Complaint } from './arena.ts'
import { wait } from './line.ts'
import type { Target } from './target.ts'

export function complainOfMemory(target: Target): readonly Complaint[] {
  const resident = target.figures()?.residentBytes ?? 0
  return resident > mostResidentBytes ? [`it grew to ${Math.round(resident / 1048576)} MB`] : []
}

/** Sessions that linger have ten seconds. */
export async function settle(target: Target, quietDescriptors: number): Promise<readonly Complaint[]> {
  const until = performance.now() + 25_000
  const tooMany = () => (target.figures()?.descriptors ?? 0) > quietDescriptors + fewDescriptors
  while (target.alive() && tooMany() && performance.now() < until) await wait(200)
  const left = target.figures()
  return tooMany() ? [`${left?.descriptors} descriptors are open when everybody has gone, ${quietDescriptors} were before`] : []
}
