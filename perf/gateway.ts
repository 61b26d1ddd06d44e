/**
 * `npm run bench:gateway`: what a gateway costs beside the least a relay can cost, all in one run on one machine. Prints; judges nothing but
 * whether the figures that were set as aims are reached.
 */
import { parseArgs } from 'node:util'
import { bench, loadNow } from './bench.ts'
import { compare } from './gateway/compare.ts'
import { openHouse, type House } from './gateway/house.ts'
import { idleCost } from './gateway/idle.ts'
import { connectLoad, copyLoad, keyedLoad, type Load } from './gateway/loads.ts'
import type { Subject } from './gateway/subject.ts'
import { aimOfPassThrough, connectLines, idleLine, rateLines, type Told } from './gateway/telling.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    'block-ms': { type: 'string', default: '500' },
    'copy-mb': { type: 'string' },
    sessions: { type: 'string' },
    /** A foreign gateway: exec:<command with {listen} …>. */
    against: { type: 'string' },
    'against-tls': { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
  },
})
const rounds = Number(values.rounds ?? (values.quick ? 3 : 20))
const megabytes = Number(values['copy-mb'] ?? (values.quick ? 50 : 1000))
const sessions = Number(values.sessions ?? (values.quick ? 500 : 5000))
const blockMs = Number(values['block-ms'])
const wanted = (name: string) => values.only === undefined || values.only.includes(name)

/** What is looked at, what it is measured against, and whether an aim was set for it; the first pair is the control: two that are equal. */
async function opponents(house: House): Promise<readonly (readonly [b: Subject, a: Subject, aim: boolean])[]> {
  const upstream = house.stack.app(0)
  const relay = await house.relay('relay', upstream, false)
  const relayTls = await house.relay('relay TLS', upstream, true)
  const pairs: (readonly [Subject, Subject, boolean])[] = [
    [await house.relay('relay again', upstream, false), relay, false],
    [relay, house.direct(upstream), false],
    [await house.gateway('ours', upstream, false), relay, true],
    [await house.gateway('ours TLS', upstream, true), relayTls, true],
  ]
  if (values.against === undefined) return pairs
  const tls = values['against-tls']
  const foreign = await house.foreign('foreign', upstream, values.against.replace(/^exec:/, ''), tls)
  return [...pairs, [foreign, tls ? relayTls : relay, false]]
}

async function passThrough(house: House): Promise<void> {
  const loads: (readonly [string, (subject: Subject) => Promise<Load>, number])[] = [
    ...[1, 8, 64].map((n) => [`select by key × ${n}`, (subject: Subject) => keyedLoad(subject, n, blockMs), rounds] as const),
    [`COPY out ${megabytes} MB`, (subject: Subject) => copyLoad(subject, megabytes), Math.max(2, Math.ceil(rounds / 4))],
  ]
  const pairs = await opponents(house)
  for (const [name, open, count] of loads) {
    if (!wanted(name.startsWith('COPY') ? 'copy' : 'select')) continue
    console.log(`${name}, load ${loadNow()}`)
    let control: Told | null = null
    for (const [b, a, hasAim] of pairs) {
      const told = rateLines(b.name, a.name, await compare(a, b, open, count))
      control ??= told
      console.log(told.text + (hasAim ? aimOfPassThrough(told, control) : ''))
    }
  }
}

async function connects(house: House): Promise<void> {
  const pairs = await opponents(house)
  console.log(`connect, query, disconnect, load ${loadNow()}`)
  for (const [b, a, hasAim] of pairs) {
    console.log(
      connectLines(b.name, a.name, await compare(a, b, (subject) => connectLoad(subject, 5), rounds * 3)) +
        (hasAim && b.way.ca === null ? '; aim: p99 of ours at most 1 ms more' : ''),
    )
  }
}

/** Behind the pooler: Postgres itself would not have so many. */
async function idle(house: House): Promise<void> {
  const upstream = house.stack.pooler
  console.log(`${sessions} idle sessions behind ${house.stack.setting.pooler}, load ${loadNow()}`)
  for (const tls of [false, true]) {
    const name = tls ? ' TLS' : ''
    const floor = await idleCost(await house.relay(`relay${name}`, upstream, tls), sessions)
    const ours = await idleCost(await house.gateway(`ours${name} `, upstream, tls), sessions)
    console.log(idleLine(`relay${name}`, floor, null) + '\n' + idleLine(`ours${name}`, ours, tls ? null : 40))
  }
}

await bench(async (run, tellMachine) => {
  await using house = await openHouse(run)
  tellMachine(house.stack.setting.pooler)
  console.log(`${rounds} rounds A B B A, blocks of ${blockMs} ms, COPY of ${megabytes} MB, ${sessions} idle sessions\n`)
  await passThrough(house)
  if (wanted('connect')) await connects(house)
  if (wanted('idle')) await idle(house)
})
