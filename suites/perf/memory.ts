/** Resident memory of parts, once it has come to rest. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Stack } from '../../stack/stack.ts'

export type Part = 'gateway-0' | 'pooler-0'

const looks = 5
const betweenMs = 200

/** The least of some looks, bytes: what is about to be freed is not counted. */
export async function residentBytes(stack: Stack, part: Part): Promise<number> {
  const seen: number[] = []
  for (let n = 0; n < looks; n++) {
    seen.push((await stack.part(part).figures!()).residentBytes)
    await sleep(betweenMs)
  }
  return Math.min(...seen)
}
