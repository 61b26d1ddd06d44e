/** A session that reads from one replica and stays with it. */
import { expect } from 'vitest'
import { answered } from '../../fixtures/probe.ts'
import { wish } from '../kit.ts'
import { askWhere, where } from './servers.ts'

const spec = wish({ replicas: 2, split: { sticky: true } })

spec('RW-008', async ({ connect, prove }) => {
  const sessions = await Promise.all(Array.from({ length: 6 }, () => connect()))
  const answeredBy: string[][] = []
  for (const client of sessions) {
    const ports: string[] = []
    for (let round = 0; round < 8; round++) {
      ports.push((await askWhere(client, `select ${where}`)).port)
      if (round % 3 === 0) ports.push((await askWhere(client, { name: 'where', text: `select ${where} /* prepared */` })).port)
      if (round % 4 === 1) await answered(client.query('begin; select 1; commit'), 'a transaction in between')
    }
    answeredBy.push(ports)
  }
  await prove('same', () => {
    for (const [at, ports] of answeredBy.entries()) expect([...new Set(ports)], `servers that answered session ${at}`).toHaveLength(1)
    expect(new Set(answeredBy.flat()).size, 'replicas that answered some session').toBe(2)
  })
})
