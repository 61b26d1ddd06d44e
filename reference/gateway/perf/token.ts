/**
 * `npm run bench:token`: what the check of a token costs, as the door makes it: one that is remembered, and one never seen (RS256, 2048 bits).
 * Both in blocks that take turns, each check timed by itself, so that whatever else the machine does befalls both. Told of all checks, and of
 * those in whose midst the processor was not given to somebody else: on a busy machine the others measure the neighbours. Prints; judges nothing.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { configSchema, type GatewayConfig } from '../config.ts'
import { alone } from '../crew.ts'
import { makeDoor } from '../door.ts'
import { makeLasting } from '../lasting.ts'
import { pieces } from '../pieces.ts'
import { audience, issuerName, key, makeToken } from '../testing/issuer.ts'

const { values } = parseArgs({ options: { blocks: { type: 'string', default: '20' }, checks: { type: 'string', default: '200' } } })
const [blocks, checks] = [Number(values.blocks), Number(values.checks)]
const warmUp = 3

const targets = { remembered: 20, 'never seen': 300 } as const
type Kind = keyof typeof targets

function configIn(dir: string): GatewayConfig {
  const publicKey = join(dir, 'k1.pem')
  writeFileSync(publicKey, key.publicPem)
  return configSchema.parse({
    listen: { host: '127.0.0.1', port: 0 },
    upstream: { host: '127.0.0.1', port: 1, database: 'orochi' },
    roles: [{ name: 'tenant_user', user: 'orochi_app', password: 'none' }],
    databases: ['orochi'],
    issuers: [{ issuer: issuerName, audience, keys: [{ id: 'k1', algorithm: 'RS256', publicKey }] }],
    claims: { keyId: 'c1', key: Buffer.alloc(32).toString('base64'), cluster: 'local' },
  })
}

type Verify = (token: string) => Promise<unknown>

interface Took {
  /** Microseconds. */
  readonly elapsed: number
  /** The processor was ours all the while. */
  readonly undisturbed: boolean
}

const switches = (): number => process.resourceUsage().involuntaryContextSwitches

async function timeEach(verify: Verify, tokens: readonly string[]): Promise<Took[]> {
  const took = []
  for (const token of tokens) {
    const before = switches()
    const start = process.hrtime.bigint()
    await verify(token)
    const elapsed = Number(process.hrtime.bigint() - start) / 1000
    took.push({ elapsed, undisturbed: switches() === before })
  }
  return took
}

const mintMany = (count: number) =>
  Promise.all(Array.from({ length: count }, (_, i) => makeToken({ claims: { jti: `${i}-${Math.random()}` } })))

async function measure(verify: Verify): Promise<Record<Kind, Took[]>> {
  const known = await mintMany(checks)
  for (const token of known) await verify(token)
  const took: Record<Kind, Took[]> = { remembered: [], 'never seen': [] }
  for (let block = 0; block < warmUp + blocks; block++) {
    const fresh = await mintMany(checks)
    const [first, second] = [await timeEach(verify, known), await timeEach(verify, fresh)]
    if (block >= warmUp) took.remembered.push(...first)
    if (block >= warmUp) took['never seen'].push(...second)
  }
  return took
}

function tell(kind: Kind, which: string, all: readonly Took[]): string {
  const sorted = all.map(({ elapsed }) => elapsed).toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN
  const figures = `median ${at(0.5).toFixed(1)} µs, p90 ${at(0.9).toFixed(1)}, p99 ${at(0.99).toFixed(1)}, max ${at(1).toFixed(1)}`
  const verdict = at(0.99) <= targets[kind] ? 'reached' : 'missed'
  return `${kind.padEnd(10)}  ${`${sorted.length} ${which}`.padEnd(16)}  ${figures}; target p99 ${targets[kind]} µs: ${verdict}`
}

const dir = mkdtempSync(join(tmpdir(), 'bench-token-'))
try {
  const config = configIn(dir)
  await using lasting = makeLasting(config, { pieces, write: () => {}, setLevel: () => {}, crew: alone }, { cacheEntries: () => 0 })
  await using door = await makeDoor(config, lasting)
  const took = await measure((token) => door.verify(token))
  console.log(`node ${process.version}; ${blocks} blocks of ${checks} checks each, taking turns`)
  for (const kind of ['remembered', 'never seen'] as const) {
    console.log(tell(kind, 'in all', took[kind]))
    const undisturbed = took[kind].filter((one) => one.undisturbed)
    console.log(tell(kind, 'undisturbed', undisturbed))
  }
} finally {
  rmSync(dir, { recursive: true })
}
