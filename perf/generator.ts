/** `node perf/generator.ts`: what the generator itself costs, and how much one process of it can ask. Prints; judges its two aims. */
import { Duplex } from 'node:stream'
import { availableParallelism, loadavg } from 'node:os'
import { rateOf } from './generator/block.ts'
import { GeneratorClient } from './generator/client.ts'
import { closedLoop } from './generator/closed-loop.ts'
import type { Crowd } from './generator/crowd.ts'
import { simple } from './generator/statements.ts'
import { startServer } from './generator/testing/server-process.ts'

const aims = { overheadUs: 10, perSecond: 15_000 }
const blocks = 5
const blockMs = 1000
const connections = 16

const ready = Buffer.from([0x5a, 0, 0, 0, 5, 0x49])

/** Answers at once and without a system call: what is left is the generator's own work. */
function mirror(): Duplex {
  const stream: Duplex = new Duplex({
    read() {},
    write(_chunk, _encoding, done) {
      setImmediate(() => stream.push(ready))
      done()
    },
  })
  return stream
}

function mirrored(count: number): Crowd {
  const clients = Array.from({ length: count }, () => new GeneratorClient(mirror()))
  return { clients, statement: simple(), [Symbol.asyncDispose]: async () => clients.forEach((client) => client.tear()) }
}

interface Cost {
  readonly us: number
  readonly perSecond: number
}

/** The least of some blocks: what else the machine does only makes a block longer. */
async function least(crowd: Crowd): Promise<Cost> {
  const costs: Cost[] = []
  for (let block = 0; block < blocks; block++) {
    const before = process.cpuUsage()
    const done = await closedLoop(crowd, blockMs)
    const { user, system } = process.cpuUsage(before)
    costs.push({ us: (user + system) / done.times.length, perSecond: rateOf(done) })
  }
  return { us: Math.min(...costs.map(({ us }) => us)), perSecond: Math.max(...costs.map(({ perSecond }) => perSecond)) }
}

const says = (reached: boolean) => (reached ? 'reached' : 'NOT reached')

console.log(
  `${availableParallelism()} processors, load ${loadavg()[0]!.toFixed(1)}; best of ${blocks} blocks of ${blockMs} ms, ${connections} connections`,
)
await using inside = mirrored(connections)
const own = await least(inside)
console.log(
  `own work: ${own.us.toFixed(1)} µs of processor per operation (${own.perSecond.toFixed(0)} per s); aim ${aims.overheadUs} µs ${says(own.us <= aims.overheadUs)}`,
)
await using server = await startServer()
await using crowd = await server.crowd(connections, simple())
const outside = await least(crowd)
console.log(
  `over sockets: ${outside.perSecond.toFixed(0)} operations/s from one process, ${outside.us.toFixed(1)} µs each; aim ${aims.perSecond} per s ${says(outside.perSecond >= aims.perSecond)}`,
)
