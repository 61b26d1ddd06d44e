/** What a client hears when it is logged in: the upstream's own words, byte for byte. */
import { encodeBackend } from '../wire/index.ts'
import type { Greeting } from './upstream.ts'

/** AuthenticationOk, parameters, key, ReadyForQuery, in one write. */
export function greet({ frames, rest }: Greeting): Buffer {
  return Buffer.concat([encodeBackend({ kind: 'authentication-ok' }), ...frames.map(({ bytes }) => bytes), rest])
}
