/** Puts a key of ours in the place of the pooler's in what a client is greeted with. */
import { backendType, decodeBackend, encodeBackend, frameOf } from '../../wire/index.ts'
import type { Greeting } from '../upstream.ts'
import type { CancelKey } from './desk.ts'

/** Null where the pooler gives no key: then there is nothing to cancel by. */
export function keyIn({ frames }: Greeting): CancelKey | null {
  for (const frame of frames) {
    const message = frame.type === backendType.backendKeyData ? decodeBackend(frame) : null
    if (message?.kind === 'backend-key-data') return { processId: message.processId, secret: Buffer.from(message.secret) }
  }
  return null
}

/** Every other byte stays as it is. */
export function withKey(greeting: Greeting, { processId, secret }: CancelKey): Greeting {
  const ours = frameOf(encodeBackend({ kind: 'backend-key-data', processId, secret }))
  return { ...greeting, frames: greeting.frames.map((frame) => (frame.type === backendType.backendKeyData ? ours : frame)) }
}
