/** A gateway that counts the connections of tenants by itself, whatever other gateways have let in. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'counts the connections of tenants by itself, whatever other gateways have let in',
  refutes: { 'SEC-143': ['across'] },
} satisfies Lie

if (import.meta.main)
  await run(process.argv, {
    keepLeases: ({ config: _, ...terms }) => pieces.keepLeases({ ...terms, config: undefined }),
  })
