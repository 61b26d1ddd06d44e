/** Plays cases until the time is over; each kind of difference is shrunk and kept once. */
import { randomFrom } from '../../fixtures/random.ts'
import { chanceFrom, makeCase, type Case } from './chance.ts'
import { playCase, type Difference } from './judge.ts'
import { render } from './query.ts'
import { schemasOf } from './schema.ts'
import { shrink } from './shrink.ts'
import type { World } from './world.ts'

export interface Found {
  /** Seed of the case alone: `--case` plays it again. */
  readonly seed: string
  readonly what: Case
  readonly difference: Difference
}

export interface Explored {
  readonly cases: number
  readonly answered: number
  readonly refused: number
  readonly found: readonly Found[]
}

export interface Exploration {
  readonly seed: string
  /** At most so many cases. */
  readonly cases?: number
  readonly untilMs: number
  /** At most so many kinds of differences are shrunk. */
  readonly most: number
  readonly told: (found: Found) => void
}

export async function explore(world: World, { seed, untilMs, cases: mostCases = Infinity, most, told }: Exploration): Promise<Explored> {
  const kinds = new Map<string, Found>()
  let [cases, answered, refused] = [0, 0, 0]
  while (Date.now() < untilMs && kinds.size < most && cases < mostCases) {
    const caseSeed = `${seed}.${cases++}`
    const what = caseOf(caseSeed)
    const played = await playCase(world, what)
    answered += played.answered
    refused += played.refused
    if (played.difference === null) continue
    const found = await reduce(world, what, played.difference, caseSeed)
    const kind = kindOf(found)
    if (kinds.has(kind)) continue
    kinds.set(kind, found)
    told(found)
  }
  return { cases, answered, refused, found: [...kinds.values()] }
}

/** `run.number`: the schemas are those of the run. */
export const caseOf = (seed: string): Case => makeCase(chanceFrom(randomFrom(seed)), schemasOf(runOf(seed)))

export const runOf = (caseSeed: string): string => caseSeed.slice(0, Math.max(0, caseSeed.lastIndexOf('.')))

async function reduce(world: World, what: Case, first: Difference, seed: string): Promise<Found> {
  let difference = first
  const smallest = await shrink(what, async (smaller) => {
    const played = await playCase(world, smaller)
    if (played.difference?.what !== first.what) return false
    difference = played.difference
    return true
  })
  return { seed, what: smallest, difference }
}

/** Differences of one kind: the same sort of difference shown by statements of the same form. */
function kindOf({ what, difference }: Found): string {
  const forms = what.steps.map((step) =>
    render({ ...step, bound: false })
      .text.replaceAll(/-?\d+|'(?:[^']|'')*'/g, '?')
      .replaceAll(/(\(\?[^)]*\))(, \(\?[^)]*\))+/g, '$1…'),
  )
  return `${difference.what} ${[...new Set(forms)].join('; ').replaceAll(/\ba\d\b/g, 'a')}`
}
