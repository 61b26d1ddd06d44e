/** Figures of several processes as those of one: what was counted by a process that is gone stays in the sum, so that no counter goes back. */
import { AggregatorRegistry } from 'prom-client'
import type { Figure, Figures } from '../metrics.ts'

/** The sum, in the text format of Prometheus. */
export async function renderSum(parts: readonly Figures[]): Promise<string> {
  return await registryOf(parts).metrics()
}

/** What stays of the figures of those who are gone. */
export async function bury(buried: Figures, gone: Figures): Promise<Figures> {
  return (await registryOf([buried, gone.filter(lasts)]).getMetricsAsJSON()) as unknown as Figures
}

/** What was so far, unlike what is. */
function lasts({ type, name }: Figure): boolean {
  return name.startsWith('orochi_') && (type === 'counter' || type === 'histogram')
}

function registryOf(parts: readonly Figures[]): ReturnType<typeof AggregatorRegistry.aggregate> {
  return AggregatorRegistry.aggregate(parts.map((part) => [...part]))
}
