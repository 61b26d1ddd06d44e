/** A router that hashes a text key up to the first quote in it. */
import { runRouter } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'hashes a text key up to the first quote in it',
  refutes: { 'SQLI-001': ['hashed'] },
} satisfies Lie

const quote = 0x27

if (import.meta.main)
  await runRouter(process.argv, {
    shardOf: (configured) => (key, shards) => {
      const end = 'bytes' in key && key.type === 'text' ? key.bytes.indexOf(quote) : -1
      return configured(end >= 0 && 'bytes' in key ? { ...key, bytes: key.bytes.subarray(0, end) } : key, shards)
    },
  })
