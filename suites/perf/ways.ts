/** The ways that are compared: straight to Postgres, past the gateway to the pooler, and the whole way in through the front door. */
import type { Way } from '../../perf/generator/client.ts'
import { arrivals } from '../../perf/generator/arrivals.ts'
import { closedLoop } from '../../perf/generator/closed-loop.ts'
import { openCrowd, type Crowd } from '../../perf/generator/crowd.ts'
import { openLoop } from '../../perf/generator/open-loop.ts'
import { openPacer, type Pacer } from '../../perf/generator/pacer.ts'
import type { Statement } from '../../perf/generator/statements.ts'
import type { Arm } from '../../perf/measure.ts'
import type { Stack } from '../../stack/stack.ts'

/** Measurements go without recorded links, and leave room for a second crowd straight at the server. */
export const measuredTopology = {
  links: 'direct',
  pooler: { poolSize: 10 },
  postgres: { settings: { max_connections: '200' } },
  gateway: { settings: { limits: { perTenant: { connections: 100_000 } } } },
} as const

export function directWay(stack: Stack, shard = 0): Way {
  return { ...stack.app(shard), ca: null }
}

export function poolerWay(stack: Stack): Way {
  return { ...stack.pooler, ca: null }
}

export function doorWay({ door, role }: Stack, token: string): Way {
  const { host, port, database, servername, ca, tls } = door
  return { host, port, database, user: role, password: token, ca: tls ? ca : null, servername }
}

/** An arm whose connections are opened when it is first asked, and closed between entries. */
export interface Lane extends Arm {
  rest(): Promise<void>
}

function lane(
  name: string,
  way: Way,
  connections: number,
  statement: Statement,
  drive: (crowd: Crowd, seed: string) => ReturnType<Arm['block']>,
): Lane {
  let crowd: Crowd | null = null
  return {
    name,
    async block(seed) {
      crowd ??= await openCrowd([way], connections, statement)
      return drive(crowd, seed)
    },
    async rest() {
      await crowd?.[Symbol.asyncDispose]()
      crowd = null
    },
  }
}

export interface Pace {
  readonly connections: number
  readonly perSecond: number
  readonly blockMs: number
}

let pacer: Promise<Pacer> | null = null

/** The same arrivals on each lane of a block. */
export function openLane(name: string, way: Way, statement: Statement, { connections, perSecond, blockMs }: Pace): Lane {
  return lane(name, way, connections, statement, async (crowd, seed) =>
    openLoop(crowd, await (pacer ??= openPacer()), arrivals(seed, perSecond, blockMs)),
  )
}

/** As much as the way carries. */
export function closedLane(name: string, way: Way, statement: Statement, { connections, blockMs }: Omit<Pace, 'perSecond'>): Lane {
  return lane(name, way, connections, statement, (crowd) => closedLoop(crowd, blockMs))
}
