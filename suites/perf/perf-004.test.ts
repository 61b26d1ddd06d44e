/** Clients come and go; each statement tells which server connection it ran on, so that new ones are counted by the server itself. */
import { expect } from 'vitest'
import { answered } from '../../fixtures/probe.ts'
import { wish, type Trial } from '../kit.ts'
import { measuredTopology } from './ways.ts'

const spec = wish(measuredTopology)

const atOnce = 10
const statements = 10
const waves = { quick: 8, gate: 40, full: 200 } as const
const who = `select pid || ' ' || backend_start as connection from pg_stat_activity where pid = pg_backend_pid()`

type Ways = Pick<Trial<'PERF-004'>, 'connect' | 'mint'>

async function visit({ connect, mint }: Ways): Promise<readonly string[]> {
  const client = await answered(connect({ token: await mint() }), 'a client')
  const seen: string[] = []
  for (let n = 0; n < statements; n++) {
    const { rows } = await answered(client.query<{ connection: string }>(who), 'a short query')
    seen.push(rows[0]!.connection)
  }
  await answered(client.end(), 'a client’s end')
  return seen
}

const wave = async (ways: Ways) => (await Promise.all(Array.from({ length: atOnce }, () => visit(ways)))).flat()

spec('PERF-004', async (trial) => {
  const { prove, measure, profile } = trial
  const warm = new Set(await wave(trial))
  const known = new Set(warm)
  let checkouts = 0
  await prove('reused', async () => {
    for (let n = 0; n < waves[profile.name]; n++) {
      const seen = await wave(trial)
      checkouts += seen.length
      for (const connection of seen) known.add(connection)
    }
    const opened = known.size - warm.size
    const efficiency = (1 - opened / checkouts) * 100
    measure('checkouts', checkouts, 'checkouts')
    measure('new server connections', opened, 'connections')
    measure('pool_efficiency', efficiency, '%')
    expect(efficiency, `${opened} new server connections for ${checkouts} checkouts`).toBeGreaterThan(95)
  })
})
