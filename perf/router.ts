/**
 * `npm run bench:router`: what the reference router costs beside PgDog, PgBouncer (where they are found) and no pooler at all, in one run on one
 * machine. `--ways` looks at the ways in which PgDog can shard by Orochi's hash instead: where rows land, and what each way costs. Prints; judges
 * nothing but whether the router adds at most three times what PgDog adds.
 */
import { parseArgs } from 'node:util'
import { bench, loadNow } from './bench.ts'
import { openEstate, type Arm, type Estate } from './router/estate.ts'
import { plant } from './router/keys.ts'
import { aggregates, pointSelects, twoPhaseWrites, type Keys, type Load } from './router/loads.ts'
import { rounds } from './router/rounds.ts'
import { aimOf, linesOf } from './router/telling.ts'
import { waysTable } from './router/ways.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    'block-ms': { type: 'string', default: '250' },
    only: { type: 'string', multiple: true },
    ways: { type: 'boolean', default: false },
  },
})
const count = Number(values.rounds ?? (values.quick ? 3 : 15))
const blockMs = Number(values['block-ms'])

type Named = readonly [name: string, open: (arm: Arm) => Promise<Load>, forAll: boolean]

function loadsOf(keys: Keys): readonly Named[] {
  return [
    ...[1, 8, 64].map((n): Named => [`point select × ${n}`, (arm) => pointSelects(arm, keys, n), true]),
    ['aggregate over shards', aggregates, false],
    ['write in two phases', (arm) => twoPhaseWrites(arm, keys), false],
  ]
}

async function sideBySide(estate: Estate): Promise<void> {
  const arms = [estate.direct, await estate.router(), await estate.pgdog(), await estate.pgbouncer()].filter((arm) => arm !== null)
  const absent = ['PgDog', 'PgBouncer'].filter((name) => !arms.some((arm) => arm.name === name))
  console.log(`${count} rounds there and back, blocks of ${blockMs} ms${absent.length > 0 ? `; not here: ${absent.join(', ')}` : ''}`)
  for (const [name, open, forAll] of loadsOf(await plant(estate))) {
    if (values.only !== undefined && !values.only.some((word) => name.includes(word))) continue
    const able = arms.filter((arm) => forAll || arm.sharded)
    const done = await rounds(able, open, count, blockMs)
    const told = aimOf(able, done)
    console.log([`\n${name}, load ${loadNow()}`, ...linesOf(able, done), ...(told === null ? [] : [`  ${told.text}`])].join('\n'))
  }
}

await bench(async (run, tellMachine) => {
  await using estate = await openEstate(run)
  tellMachine()
  if (values.ways) console.log(await waysTable(estate, count, blockMs))
  else await sideBySide(estate)
})
