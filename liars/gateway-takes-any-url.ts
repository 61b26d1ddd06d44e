/** A gateway that asks any URL for keys that it is told. */
import { run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'asks any URL for keys that it is told',
  refutes: {
    'JWT-107': ['configured'],
  },
} satisfies Lie

if (import.meta.main) {
  Object.assign(URL, { parse: () => new URL('https://auth.example.com/') })
  await run(process.argv)
}
