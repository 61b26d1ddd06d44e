/**
 * Chunks that were passed on are garbage at once, and lie outside of V8's heap: left alone, each 64 MB of them cost a collection of the whole
 * heap, which for a gateway is a fifth of what passing them on costs. A collection of what is young takes them away for next to nothing.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = (options: { readonly type: 'minor' }) => void

/** Before V8 takes them for a reason to collect the whole heap, which it did about once in 16 MB; tried with 2, 4, 8 and 16 MB. */
export const sweepBytes = 4_000_000

/** Told of the size of each chunk. `collect` undefined: this Node offers none, and V8 has its way. */
export function makeSweeper(collect: Collect | undefined): (bytes: number) => void {
  let passed = 0
  return (bytes) => {
    passed += bytes
    if (passed < sweepBytes) return
    passed = 0
    collect?.({ type: 'minor' })
  }
}

function findCollector(): Collect | undefined {
  try {
    setFlagsFromString('--expose-gc')
    const found: unknown = runInNewContext('gc')
    return typeof found === 'function' ? (found as Collect) : undefined
  } catch {
    return undefined
  }
}

/** Of this process: all sessions together. */
export const passedOn = makeSweeper(findCollector())
