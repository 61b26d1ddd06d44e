/** `npm run bench:claims`: what the verification of claims costs the database, by version of PostgreSQL. Prints; judges nothing. */
import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import type pg from 'pg'
import { blobOf, payloadOf } from '../fixtures/sealed-claims.ts'
import { findPostgres, majors, type Major } from '../stack/components/postgres-binary.ts'
import { withClient } from '../stack/components/set-up.ts'
import { openLedger } from '../stack/ledger.ts'
import { limitMs } from '../stack/limits.ts'
import { raise } from '../stack/raise.ts'
import { undoRun } from '../stack/sweep.ts'
import { defaultTopology } from '../stack/wish.ts'

const { values } = parseArgs({ options: { calls: { type: 'string', default: '500' }, blocks: { type: 'string', default: '60' } } })
const [calls, blocks] = [Number(values.calls), Number(values.blocks)]
const run = `bench-claims-${process.pid}`
const key = { keyId: 'bench', key: randomBytes(32) }

function isHere(major: Major): boolean {
  try {
    return findPostgres(major) !== null
  } catch {
    return false
  }
}

/** The shortest block of each, taking turns: what else the machine does only makes a block longer. */
async function shortestUs<const A extends readonly (() => Promise<unknown>)[]>(acts: A): Promise<{ [K in keyof A]: number }> {
  const shortest = acts.map(() => Number.POSITIVE_INFINITY)
  for (let block = 0; block < blocks; block++)
    for (const [n, act] of acts.entries()) {
      const start = performance.now()
      await act()
      shortest[n] = Math.min(shortest[n]!, ((performance.now() - start) * 1000) / calls)
    }
  return shortest as { [K in keyof A]: number }
}

/** In the server, without a network: so many calls in a loop. */
const inLoop = (client: pg.Client, expression: string) => () =>
  client.query(`do $$ begin for i in 1 .. ${calls} loop perform ${expression}; end loop; end $$`)

const byKey = (table: string) => `note from ${table} where tenant_id = 'tenant-a' and order_id = 1 + i % 1000`

async function measure(major: Major): Promise<string> {
  const topology = defaultTopology({ postgres: { version: major }, pooler: null, gateway: null, links: 'direct' })
  await using stack = await raise(topology, { run, provider: 'embedded', signal: AbortSignal.timeout(limitMs('stack-start')) })
  await withClient(stack.server(0), async (admin) => {
    await admin.query('select orochi.put_claims_key($1, $2, $3)', [key.keyId, key.key, 'local'])
    await admin.query(`insert into orders (tenant_id, order_id, amount_cents) select 'tenant-a', n, n from generate_series(1, 1000) n;
      create table unbound as table orders; alter table unbound add primary key (tenant_id, order_id); grant select on unbound to orochi_app`)
  })
  return await withClient(stack.app(0), async (app) => {
    await app.query(`select set_config('orochi.claims', $1, false)`, [blobOf(payloadOf(), key)])
    const [empty, verified, without, bound] = await shortestUs([
      inLoop(app, '1'),
      inLoop(app, 'orochi.tenant_id()'),
      inLoop(app, byKey('unbound')),
      inLoop(app, byKey('orders')),
    ])
    const us = (value: number) => `${value.toFixed(1)} µs`
    return `PostgreSQL ${major}: one verification ${us(verified - empty)}; select by key without policy ${us(without)}, with it ${us(bound)} (+${us(bound - without)})`
  })
}

openLedger(run, 'main')
try {
  console.log(`in the server, shortest of ${blocks} blocks of ${calls}:`)
  for (const major of majors.filter(isHere)) console.log(await measure(major))
} finally {
  await undoRun(run)
}
