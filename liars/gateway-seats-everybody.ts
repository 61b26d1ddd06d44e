/** A gateway that lets in as many of a tenant as come. */
import { pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'lets in as many of a tenant as come',
  refutes: { 'SEC-143': ['limit'], 'CHAOS-007': ['shed'] },
} satisfies Lie

if (import.meta.main) await run(process.argv, { makeTenants: () => pieces.makeTenants({ tenants: {}, connections: 1_000_000 }) })
