/** What a pooler takes that serves nobody; the gateway's is told beside it. */
import { expect } from 'vitest'
import { wish } from '../kit.ts'
import { residentBytes } from './memory.ts'
import { measuredTopology } from './ways.ts'

const spec = wish(measuredTopology)
const mb = 1_000_000

spec('MEM-001', async ({ stack, prove, measure }) => {
  const pooler = await residentBytes(stack, 'pooler-0')
  measure('rss_idle, pooler-0', pooler / mb, 'MB')
  measure('rss_idle, gateway-0', (await residentBytes(stack, 'gateway-0')) / mb, 'MB')
  await prove('idle', () => expect(pooler / mb, 'MB of the pooler').toBeLessThan(100))
})
