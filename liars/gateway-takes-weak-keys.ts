/** A gateway that takes every key an issuer publishes, weak ones too. */
import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'takes every key an issuer publishes, weak ones too',
  refutes: {
    'JWT-108': ['weak'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    readKeySet(text) {
      const { keys } = JSON.parse(text) as { keys: (JsonWebKey & { kid: string })[] }
      const read = keys.map((jwk) => ({ id: jwk.kid, algorithm: 'RS256' as const, key: createPublicKey({ key: jwk, format: 'jwk' }) }))
      return { keys: read, left: [] }
    },
  })
}
