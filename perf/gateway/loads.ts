/** What clients do in a block, and what of it is measured. */
import { encode } from '../../fixtures/probe.ts'
import { GeneratorClient, type Way } from '../generator/client.ts'
import { cpuMs, type Subject } from './subject.ts'

export interface Block {
  /** Operations per second, or MB per second. */
  readonly rate: number
  /** Processor time of the subject per operation (or MB), ms. */
  readonly cpu: number
  /** How long each operation took, ms. */
  readonly times: readonly number[]
}

const keys = ['CH', 'DE', 'FR', 'IT', 'JP', 'NZ']
const selectByKey = Buffer.concat([
  encode.bind({ statement: 's', values: [Buffer.from(keys[2]!)], valueFormats: [0], resultFormats: [0] }),
  encode.execute(),
  encode.sync(),
])

export interface Load extends AsyncDisposable {
  run(): Promise<Block>
}

/** Select by key with a prepared statement, on so many connections that stay open, each asking again when it has its answer. */
export async function keyedLoad(subject: Subject, connections: number, blockMs: number): Promise<Load> {
  const clients = await Promise.all(Array.from({ length: connections }, () => GeneratorClient.open(subject.way)))
  await Promise.all(clients.map((client) => client.prepare('s', 'select name from public.countries where code = $1')))
  return {
    async run() {
      const times: number[] = []
      const [cpu, start] = [cpuMs(subject.pid), performance.now()]
      const until = start + blockMs
      await Promise.all(clients.map((client) => askUntil(client, until, times)))
      const ms = performance.now() - start
      return { rate: (times.length / ms) * 1000, cpu: (cpuMs(subject.pid) - cpu) / times.length, times }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()))
    },
  }
}

async function askUntil(client: GeneratorClient, until: number, times: number[]): Promise<void> {
  for (let now = performance.now(); now < until;) {
    await client.ask(selectByKey)
    const then = performance.now()
    times.push(then - now)
    now = then
  }
}

/** Connect, one query, disconnect, one after the other. The time is that up to the end of the greeting. */
export async function connectLoad(subject: Subject, count: number): Promise<Load> {
  const simple = encode.query('select 1')
  return {
    async run() {
      const times: number[] = []
      const [cpu, start] = [cpuMs(subject.pid), performance.now()]
      for (let i = 0; i < count; i++) times.push(await comeAndGo(subject.way, simple))
      const ms = performance.now() - start
      return { rate: (count / ms) * 1000, cpu: (cpuMs(subject.pid) - cpu) / count, times }
    },
    async [Symbol.asyncDispose]() {},
  }
}

async function comeAndGo(way: Way, query: Buffer): Promise<number> {
  const start = performance.now()
  const client = await GeneratorClient.open(way)
  const ms = performance.now() - start
  await client.ask(query)
  await client.close()
  return ms
}

const rowBytes = 8000

/** COPY out of so many MB in rows of 8 KB. */
export async function copyLoad(subject: Subject, megabytes: number): Promise<Load> {
  const client = await GeneratorClient.open(subject.way)
  const rows = Math.round((megabytes * 1_000_000) / rowBytes)
  const copy = encode.query(`copy (select repeat('x', ${rowBytes}) from generate_series(1, ${rows})) to stdout`)
  return {
    async run() {
      const [cpu, before, start] = [cpuMs(subject.pid), client.bytes, performance.now()]
      await client.ask(copy)
      const ms = performance.now() - start
      const read = (client.bytes - before) / 1_000_000
      if (read < megabytes * 0.99) throw new Error(`COPY gave ${read} MB of ${megabytes}`)
      return { rate: (read / ms) * 1000, cpu: (cpuMs(subject.pid) - cpu) / read, times: [ms] }
    },
    [Symbol.asyncDispose]: () => client.close(),
  }
}
