/** What clients of the poolers do in a block: a point select, an aggregate over all shards, a write to two shards that is committed in two phases. */
import { encode } from '../../fixtures/probe.ts'
import { cpuMs } from '../gateway/subject.ts'
import { GeneratorClient } from '../generator/client.ts'
import { shards, type Arm } from './estate.ts'

export interface Block {
  /** Milliseconds that one operation took, on average. */
  readonly ms: number
  readonly operations: number
  /** Processor time of the pooler per operation, ms; 0 where there is none. */
  readonly cpu: number
}

export interface Load extends AsyncDisposable {
  run(ms: number): Promise<Block>
}

/** Keys by shard, as they were planted. */
export type Keys = readonly (readonly string[])[]

type Ask = () => Promise<void>

async function loadOf(arm: Arm, clients: readonly GeneratorClient[], asks: readonly Ask[]): Promise<Load> {
  const pid = arm.subject?.pid ?? null
  return {
    async run(ms) {
      const [cpu, start] = [cpuMs(pid), performance.now()]
      const until = start + ms
      const counts = await Promise.all(asks.map((ask) => repeat(ask, until)))
      const operations = counts.reduce((sum, count) => sum + count, 0)
      return { ms: ((performance.now() - start) * asks.length) / operations, operations, cpu: (cpuMs(pid) - cpu) / operations }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()))
    },
  }
}

async function repeat(ask: Ask, until: number): Promise<number> {
  let count = 0
  for (; performance.now() < until || count === 0; count++) await ask()
  return count
}

const open = (arm: Arm, count: number, shard = 0): Promise<GeneratorClient[]> =>
  Promise.all(Array.from({ length: count }, () => GeneratorClient.open(arm.wayTo(shard))))

/** By the sharding key with a prepared statement; every key lies on the first shard, so that also a way that knows one shard only finds it. */
export async function pointSelects(arm: Arm, keys: Keys, connections: number): Promise<Load> {
  const clients = await open(arm, connections)
  await Promise.all(clients.map((client) => client.prepare('s', 'select note from keys_int8 where key = $1')))
  const binds = keys[0]!.map((key) =>
    Buffer.concat([
      encode.bind({ statement: 's', values: [Buffer.from(key)], valueFormats: [0], resultFormats: [0] }),
      encode.execute(),
      encode.sync(),
    ]),
  )
  return loadOf(
    arm,
    clients,
    clients.map((client, at) => {
      let turn = at
      return () => client.ask(binds[turn++ % binds.length]!)
    }),
  )
}

/** Without a pooler a client asks each shard itself, all at once, and adds up. */
export async function aggregates(arm: Arm): Promise<Load> {
  const query = encode.query('select count(*), sum(length(note)) from keys_int8')
  if (arm.subject !== null) {
    const clients = await open(arm, 1)
    return loadOf(arm, clients, [() => clients[0]!.ask(query)])
  }
  const clients = (await Promise.all(Array.from({ length: shards }, (_, shard) => open(arm, 1, shard)))).flat()
  return loadOf(arm, clients, [async () => void (await Promise.all(clients.map((client) => client.ask(query))))])
}

/** A transaction that changes a row on each of two shards. Without a pooler the client is the coordinator, and keeps no log. */
export async function twoPhaseWrites(arm: Arm, keys: Keys): Promise<Load> {
  const update = (shard: number) => encode.query(`update keys_int8 set note = 'again' where key = ${keys[shard]![0]}`)
  const [begin, commit] = [encode.query('begin'), encode.query('commit')]
  if (arm.subject !== null) {
    const clients = await open(arm, 1)
    const client = clients[0]!
    const write = async () => {
      for (const each of [begin, update(0), update(1), commit]) await client.ask(each)
    }
    return loadOf(arm, clients, [write])
  }
  const clients = (await Promise.all(Array.from({ length: shards }, (_, shard) => open(arm, 1, shard)))).flat()
  let serial = 0
  const write = async () => {
    const id = `bench_${process.pid}_${serial++}`
    for (const [shard, client] of clients.entries()) {
      await client.ask(begin)
      await client.ask(update(shard))
    }
    await Promise.all(clients.map((client) => client.ask(encode.query(`prepare transaction '${id}'`))))
    await Promise.all(clients.map((client) => client.ask(encode.query(`commit prepared '${id}'`))))
  }
  return loadOf(arm, clients, [write])
}
