/** How much is measured: `quick` looks once, `gate` and `full` go on until it is decided, up to a bound. */

export interface Profile {
  readonly name: 'quick' | 'gate' | 'full'
  /** After so many rounds it is looked at; the last one is the bound. */
  readonly looks: readonly number[]
  readonly blockMs: number
  /** Blocks before the first round, each arm, that do not count. */
  readonly warmUpBlocks: number
  /** Arrivals per second where added latency is told: well below what one core can carry. */
  readonly perSecond: number
  /** The smallest shift of p50 and p99 that nine of ten measurements on a quiet machine of two cores show; tried in method.test.ts. */
  readonly smallestShiftMs: { readonly p50: number; readonly p99: number }
}

const profiles: Readonly<Record<Profile['name'], Profile>> = {
  quick: { name: 'quick', looks: [14], blockMs: 250, warmUpBlocks: 4, perSecond: 1500, smallestShiftMs: { p50: 0.05, p99: 1 } },
  gate: { name: 'gate', looks: [20, 40, 60], blockMs: 500, warmUpBlocks: 4, perSecond: 1500, smallestShiftMs: { p50: 0.03, p99: 0.3 } },
  full: { name: 'full', looks: [60, 120, 180], blockMs: 500, warmUpBlocks: 4, perSecond: 1500, smallestShiftMs: { p50: 0.03, p99: 0.3 } },
}

export function profileOf(name: string): Profile {
  const found = profiles[name as Profile['name']]
  if (found === undefined) throw new Error(`no profile is called "${name}": there are ${Object.keys(profiles).join(', ')}`)
  return found
}
