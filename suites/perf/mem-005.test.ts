/** Many tokens, each of its own and none of them small: the cache holds as many as it may, and forgets the rest. */
import { expect } from 'vitest'
import { comeAndGo } from '../../perf/generator/come-and-go.ts'
import { wish } from '../kit.ts'
import { residentBytes } from './memory.ts'
import { doorWay, measuredTopology } from './ways.ts'

const limit = 50
const spec = wish({ ...measuredTopology, gateway: { ...measuredTopology.gateway, cacheEntries: limit } })
const tokens = { quick: 300, gate: 2_000, full: 10_000 } as const

spec('MEM-005', async ({ stack, gateway, mint, prove, measure, profile, signal }) => {
  const before = await residentBytes(stack, 'gateway-0')
  const sizes: number[] = []
  for (let n = 0; n < tokens[profile.name]; n++) {
    signal.throwIfAborted()
    const { errors, trouble } = await comeAndGo(doorWay(stack, await mint({ claims: { sub: `user-${n}` } })), 1)
    if (errors > 0) throw new Error(`a login failed: ${trouble}`)
    if (n % 50 === 49) sizes.push((await gateway.metrics()).get('orochi_gateway_token_cache_entries'))
  }
  measure('token cache, most entries', Math.max(...sizes), 'tokens')
  measure('memory more than before', ((await residentBytes(stack, 'gateway-0')) - before) / 1000, 'KB')
  await prove('bounded', () => {
    expect(Math.max(...sizes), `entries after ${tokens[profile.name]} tokens, where ${limit} are allowed`).toBeLessThanOrEqual(limit)
    expect(Math.max(...sizes), 'the cache is used at all').toBeGreaterThan(0)
  })
})
