/** A gateway that hands on the claims with a number turned into text, one claim added and one dropped. */
import { run, pieces } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'hands on the claims with a number turned into text, one claim added and one dropped',
  refutes: { 'JWT-001': ['claims'], 'JWT-010': ['equal', 'tenant-and-branch', 'nothing-added', 'nothing-dropped'] },
} satisfies Lie

function alter(text: string): string {
  const { jti: _, ...claims } = JSON.parse(text) as Record<string, unknown>
  return JSON.stringify({
    ...claims,
    exp: String(claims['exp']),
    sub: 'somebody',
    tenant_id: 'tenant-z',
    role: 'root',
    groups: undefined,
    added: true,
  })
}

if (import.meta.main) {
  await run(process.argv, {
    convenience(token, seal) {
      const variables = new Map(pieces.convenience(token, { ...seal, branch: 'elsewhere' }))
      variables.set('request.jwt.claims', alter(variables.get('request.jwt.claims') ?? '{}'))
      variables.set('orochi.tenant_id', 'tenant-z')
      variables.set('orochi.branch_id', 'elsewhere')
      return variables
    },
  })
}
