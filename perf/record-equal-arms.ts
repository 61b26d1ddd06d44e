/**
 * Records rounds of two equal arms straight at Postgres, for the tests of the method: node perf/record-equal-arms.ts 70 "how the machine was".
 * Writes perf/measure/testing/equal-arms.json.
 */
import { writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { openLedger } from '../stack/ledger.ts'
import { undoRun } from '../stack/sweep.ts'
import { openHouse } from './gateway/house.ts'
import { arrivals } from './generator/arrivals.ts'
import { openCrowd } from './generator/crowd.ts'
import { openLoop } from './generator/open-loop.ts'
import { openPacer } from './generator/pacer.ts'
import { simple } from './generator/statements.ts'
import { profileOf, Recording } from './measure.ts'
import { packed } from './measure/testing/equal-arms.ts'

const [rounds = '70', remark = ''] = process.argv.slice(2)
const { blockMs, perSecond, warmUpBlocks } = profileOf('quick')
const run = `equal-arms-${process.pid}`

openLedger(run, 'main')
try {
  await using house = await openHouse(run)
  const { way } = house.direct(house.stack.app(0))
  await using pacer = await openPacer()
  await using one = await openCrowd([way], 8, simple())
  await using other = await openCrowd([way], 8, simple())
  const arms = [one, other].map((crowd, n) => ({
    name: String(n),
    block: (seed: string) => openLoop(crowd, pacer, arrivals(seed, perSecond, blockMs)),
  }))
  const recording = new Recording(arms, 'equal arms', warmUpBlocks)
  await recording.extendTo(Number(rounds))
  const [a, b] = [recording.timesOf('0'), recording.timesOf('1')]
  const conditions = `${availableParallelism()} × ${cpus()[0]?.model ?? ''}, load ${loadavg()[0]!.toFixed(1)}, ${perSecond} simple queries per second on 8 connections, blocks of ${blockMs} ms${remark === '' ? '' : `; ${remark}`}`
  const told = packed({ conditions, rounds: a.map((times, round) => [times, b[round]!] as const) })
  writeFileSync(join(import.meta.dirname, 'measure/testing/equal-arms.json'), `${JSON.stringify(told, null, 2)}\n`)
  console.log(`${recording.rounds.length} rounds: ${conditions}`)
} finally {
  await undoRun(run)
}
