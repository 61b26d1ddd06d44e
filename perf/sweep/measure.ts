/** One cell after the other: so many connections ask for results of a size that lie spread over so many shards. */
import pg from 'pg'
import { cpuMs } from '../gateway/subject.ts'
import { simple } from '../generator/statements.ts'
import { closedLoop } from '../generator/closed-loop.ts'
import { openCrowd } from '../generator/crowd.ts'
import { rateOf } from '../generator/block.ts'
import type { Standing } from '../stand.ts'

export interface MeasuredCell {
  readonly connections: number
  readonly shards: number
  readonly payloadKb: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Processor time of gateway and pooler for one query, µs; null where it is not told. */
  readonly cpuUs: number | null
  readonly errors: number
}

export interface CellWish {
  readonly connections: number
  readonly payloadKb: number
  readonly cellMs: number
}

/** The result's bytes are shared out among the shards: what grows with them is not the size. */
export async function fillShards({ stack }: Standing, payloadKb: number): Promise<void> {
  const { shards } = stack.topology
  for (let shard = 0; shard < shards; shard++) {
    const { host, port, user, password, database } = stack.server(shard)
    const client = new pg.Client({ host, port, user, password, database })
    await client.connect()
    try {
      await client.query('truncate public.items')
      await client.query(`insert into public.items (item_id, grp, note) values ($1, 'sweep', repeat('x', $2))`, [
        shard + 1,
        Math.round((payloadKb * 1024) / shards),
      ])
    } finally {
      await client.end()
    }
  }
}

/** What is compiled and opened at first belongs to no cell. */
export async function warmUp(standing: Standing): Promise<void> {
  await fillShards(standing, 8)
  await measureCell(standing, { connections: 8, payloadKb: 8, cellMs: 1500 })
}

export async function measureCell(standing: Standing, { connections, payloadKb, cellMs }: CellWish): Promise<MeasuredCell> {
  await using crowd = await openCrowd([standing.system], connections, simple('select item_id, note from public.items'))
  await closedLoop(crowd, cellMs / 4)
  const pids = standing.stack.parts().flatMap(({ kind, pid }) => (kind === 'postgres' || pid === undefined ? [] : [pid]))
  const before = pids.map(cpuMs)
  const block = await closedLoop(crowd, cellMs)
  const spentMs = pids.reduce((sum, pid, at) => sum + cpuMs(pid) - before[at]!, 0)
  const sorted = block.times.toSorted()
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  const told = process.platform === 'linux' && pids.length > 0 && block.times.length > 0
  return {
    connections,
    shards: standing.stack.topology.shards,
    payloadKb,
    perSecond: rateOf(block),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    cpuUs: told ? (spentMs * 1000) / block.times.length : null,
    errors: block.errors + block.dropped,
  }
}
