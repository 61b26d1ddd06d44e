/** `npm run fuzz -- --seconds 60 [--seed …]`: hostile clients and hostile servers, made up from a seed, against gateway and router. */
import { randomBytes } from 'node:crypto'
import { relative } from 'node:path'
import { parseArgs } from 'node:util'
import type { Arena } from './arena.ts'
import { conductCampaign, type Finding } from './campaign.ts'
import { corpusFolder, keep } from './corpus.ts'
import { openGatewayArena } from './gateway-arena.ts'
import { openRouterArena } from './router-arena.ts'
import type { Leg } from './script.ts'
import { shrink } from './shrink.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: randomBytes(6).toString('hex') },
    leg: { type: 'string', multiple: true, default: ['gateway-client', 'gateway-backend', 'router-client'] },
    /** Programs in place of the reference parts. */
    gateway: { type: 'string' },
    router: { type: 'string' },
    corpus: { type: 'string', default: corpusFolder },
  },
})

const legs = values.leg as Leg[]
const seconds = Number(values.seconds)
if (!(seconds > 0) || legs.some((leg) => !['gateway-client', 'gateway-backend', 'router-client'].includes(leg))) {
  console.error(
    'usage: npm run fuzz -- --seconds 60 [--seed text] [--leg gateway-client|gateway-backend|router-client] [--gateway program] [--router program]',
  )
  process.exit(64)
}

console.log(`seed ${values.seed}, ${seconds} s over ${legs.join(', ')}`)
let failed = 0
for (const leg of legs) {
  await using arena = await (leg === 'router-client' ? openRouterArena(values.router) : openGatewayArena(values.gateway))
  const started = performance.now()
  const ms = (seconds * 1000) / legs.length
  const { scripts, goodClients, findings } = await conductCampaign(arena, { leg, seed: values.seed, ms, mostFindings: 3 })
  const took = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${leg.padEnd(16)} ${scripts} scripts, ${goodClients} good clients served, ${findings.length} findings, ${took} s`)
  for (const finding of findings) await report(arena, finding)
  if (findings.length > 0) failed++
}
console.log(`\n${legs.length - failed} passed, ${failed} failed, 0 skipped`)
process.exit(failed === 0 ? 0 : 1)

async function report(arena: Arena, { complaint, script, seed, said }: Finding): Promise<void> {
  console.log(`\nFOUND    ${complaint}\nseed     ${seed}\nrepeat   npm run fuzz -- --seconds ${seconds} --seed ${values.seed}`)
  if (script === null) return
  const shrunk = await shrink(arena, script, complaint)
  const packet = shrunk.repeats ? shrunk.said : said
  console.log(`packet   ${packet.toString('hex').slice(0, 4000)}${packet.length > 2000 ? `… (${packet.length} bytes)` : ''}`)
  if (!shrunk.repeats) return console.log('shrunk   it did not show again when it was played alone')
  const file = keep({ finding: complaint, seed, script: shrunk.script, hex: packet.toString('hex').slice(0, 20_000) }, values.corpus)
  console.log(`shrunk   ${JSON.stringify(shrunk.script.acts)}\nkept     ${relative(process.cwd(), file)}`)
}
