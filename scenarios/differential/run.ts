/** `npm run differential`: one plain PostgreSQL, the router and PgDog are asked the same, and must say the same. */
import { raise } from '../../stack/raise.ts'
import { limitMs } from '../../stack/limits.ts'
import { openLedger } from '../../stack/ledger.ts'
import { undoRun } from '../../stack/sweep.ts'
import { defaultTopology } from '../../stack/wish.ts'
import type { ShardingWish } from '../../stack/topology.ts'
import { caseOf, explore, runOf, type Explored, type Found } from './explore.ts'
import { playCase } from './judge.ts'
import { referenceTable, schemasOf, shardedTables, type Schema } from './schema.ts'
import { openWorld, type World } from './world.ts'

export interface Wish {
  readonly pooler: 'pgdog' | 'router'
  readonly seconds: number
  readonly seed: string
  /** At most so many cases, and kinds of differences. */
  readonly cases?: number
  readonly most?: number
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
const mostKinds = 25

export async function runDifferential(wish: Wish): Promise<Differential> {
  const run = `differential-${process.pid}-${wish.pooler}`
  const seed = wish.case === null ? wish.seed : runOf(wish.case)
  const schemas = schemasOf(seed)
  const topology = defaultTopology({
    shards: 3,
    servers: 1,
    gateway: null,
    links: 'direct',
    sharding: shardingOf(schemas),
    pooler: { kind: wish.pooler },
    programs: wish.program === null ? {} : { router: wish.program },
  })
  openLedger(run, 'main')
  try {
    await using stack = await raise(topology, { run, provider: 'embedded', signal: AbortSignal.timeout(limitMs('stack-start')) })
    await using world = await openWorld(stack, schemas)
    const explored = await (wish.case === null ? exploreFor(world, wish) : playOne(world, wish.case, wish.told))
    return { ...explored, version: stack.versions['pooler-0'] ?? 'unknown' }
  } finally {
    await undoRun(run)
  }
}

/** The sample tables, and those of the schemas. */
function shardingOf(schemas: readonly Schema[]): Partial<ShardingWish> {
  const { tables, reference } = defaultTopology().sharding
  const own = schemas.slice(1)
  return {
    twoPhaseCommit: true,
    tables: [...tables, ...own.flatMap(shardedTables)],
    reference: [...reference, ...own.map(referenceTable)],
  }
}

function exploreFor(world: World, { seconds, seed, cases, most = mostKinds, told }: Wish): Promise<Explored> {
  return explore(world, { seed, untilMs: Date.now() + seconds * 1000, ...(cases === undefined ? {} : { cases }), most, told })
}

async function playOne(world: World, seed: string, told: (found: Found) => void): Promise<Explored> {
  const what = caseOf(seed)
  const { difference, answered, refused } = await playCase(world, what)
  const found = difference === null ? [] : [{ seed, what, difference }]
  found.forEach(told)
  return { cases: 1, answered, refused, found }
}
