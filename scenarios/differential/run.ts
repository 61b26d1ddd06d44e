/** `npm run differential`: one plain PostgreSQL, the router and PgDog are asked the same, and must say the same. */
import { raise } from '../../stack/raise.ts'
import { limitMs } from '../../stack/limits.ts'
import { openLedger } from '../../stack/ledger.ts'
import { undoRun } from '../../stack/sweep.ts'
import { defaultTopology } from '../../stack/wish.ts'
import { caseOf, explore, type Explored, type Found } from './explore.ts'
import { playCase } from './judge.ts'
import { openWorld, type World } from './world.ts'

export interface Wish {
  readonly pooler: 'pgdog' | 'router'
  readonly seconds: number
  readonly seed: string
  /** Play this one case and no other. */
  readonly case: string | null
  /** Program run in place of the reference router. */
  readonly program: string | null
  readonly told: (found: Found) => void
}

export interface Differential extends Explored {
  readonly version: string
}

/** How many kinds of differences are worth shrinking in one run. */
const most = 25

export async function runDifferential(wish: Wish): Promise<Differential> {
  const run = `differential-${process.pid}-${wish.pooler}`
  const topology = defaultTopology({
    shards: 3,
    servers: 1,
    gateway: null,
    links: 'direct',
    sharding: { twoPhaseCommit: true },
    pooler: { kind: wish.pooler },
    programs: wish.program === null ? {} : { router: wish.program },
  })
  openLedger(run, 'main')
  try {
    await using stack = await raise(topology, { run, provider: 'embedded', signal: AbortSignal.timeout(limitMs('stack-start')) })
    await using world = await openWorld(stack)
    const explored = await (wish.case === null ? exploreFor(world, wish) : playOne(world, wish.case, wish.told))
    return { ...explored, version: stack.versions['pooler-0'] ?? 'unknown' }
  } finally {
    await undoRun(run)
  }
}

function exploreFor(world: World, { seconds, seed, told }: Wish): Promise<Explored> {
  return explore(world, { seed, untilMs: Date.now() + seconds * 1000, most, told })
}

async function playOne(world: World, seed: string, told: (found: Found) => void): Promise<Explored> {
  const what = caseOf(seed)
  const { difference, answered, refused } = await playCase(world, what)
  const found = difference === null ? [] : [{ seed, what, difference }]
  found.forEach(told)
  return { cases: 1, answered, refused, found }
}
