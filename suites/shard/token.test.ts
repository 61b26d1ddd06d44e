/** The key can come from the token: a session's statements go to the shard of its tenant, whatever they say. */
import { expect } from 'vitest'
import { answered } from '../../fixtures/probe.ts'
import { wish } from '../kit.ts'
import { loggedStatements, newWord, openShards } from './shards.ts'

const spec = wish({ shards: 3, sharding: { keyFrom: 'token' }, ...loggedStatements })

/** Tenants of all three shards. */
const tenants = ['tenant-a', 'north', 'south', 'x9', 'west', 't1']

spec('SHARD-014', async (trial) => {
  const { connect, mint, prove } = trial
  await using shards = await openShards(trial)
  const homes = await Promise.all(tenants.map((tenant) => shards.designated('text', tenant)))
  const ran: { tenant: string; on: readonly number[]; home: number }[] = []
  for (const [index, tenant] of tenants.entries()) {
    const client = await connect({ token: await mint({ claims: { tenant_id: tenant } }) })
    for (const text of [`select order_id from orders where note = 'WORD'`, `select 1 from tenants where name = $1 and name <> 'WORD'`]) {
      const word = newWord()
      const values = text.includes('$1') ? { values: ['nobody'] } : {}
      await answered(client.query({ text: text.replace('WORD', word), ...values }), 'a query without a key')
      ran.push({ tenant, on: await shards.executed(word), home: homes[index]! })
    }
  }
  expect(new Set(homes).size, 'shards of the tenants').toBe(3)
  await prove('tenant-shard', () => {
    for (const { tenant, on, home } of ran) expect(on, `where a query of ${tenant} ran`).toEqual([home])
  })
})
