/** `npm run bench:start`: how long the whole system takes to stand, and to be gone again. Prints; judges nothing. */
import { parseArgs } from 'node:util'
import { openLedger } from '../stack/ledger.ts'
import { limitMs } from '../stack/limits.ts'
import { raise } from '../stack/raise.ts'
import { undoRun } from '../stack/sweep.ts'
import { defaultTopology } from '../stack/wish.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    shards: { type: 'string', default: '2' },
    replicas: { type: 'string', default: '1' },
  },
})
const topology = defaultTopology({ shards: Number(values.shards), replicas: Number(values.replicas) })
const run = `bench-${process.pid}`

interface Round {
  readonly upMs: number
  readonly downMs: number
}

/** The first round may have to initialise a cluster: it is told apart. */
async function measure(): Promise<Round> {
  const start = performance.now()
  const stack = await raise(topology, { run, provider: 'embedded', signal: AbortSignal.timeout(limitMs('stack-start')) })
  const up = performance.now()
  await stack[Symbol.asyncDispose]()
  return { upMs: up - start, downMs: performance.now() - up }
}

function spread(name: string, values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => `${Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN)} ms`
  return `${name.padEnd(6)} min ${at(0)}, median ${at(0.5)}, max ${at(1)}`
}

openLedger(run, 'main')
try {
  const first = await measure()
  const rounds: Round[] = []
  for (let i = 0; i < Number(values.rounds); i++) rounds.push(await measure())
  console.log(
    `shards ${values.shards}, replicas ${values.replicas} each, ${topology.pooler?.kind}, gateway; first round ${Math.round(first.upMs)} ms; then, over ${rounds.length} rounds:`,
  )
  console.log(
    spread(
      'up',
      rounds.map((round) => round.upMs),
    ),
  )
  console.log(
    spread(
      'down',
      rounds.map((round) => round.downMs),
    ),
  )
} finally {
  await undoRun(run)
}
