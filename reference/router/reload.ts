/** Takes over a changed configuration while the router runs: databases, shards, tables and replicas; the rest needs a restart. */
import { isDeepStrictEqual } from 'node:util'
import type { RouterConfig } from './config.ts'

/** What of `next` can be taken over now, and the names of sections that cannot. */
export function mergeConfig(running: RouterConfig, next: RouterConfig): { config: RouterConfig; waiting: string[] } {
  const { databases } = next
  const fixed = Object.keys(next).filter((key) => key !== 'databases') as (keyof RouterConfig)[]
  const waiting = fixed.filter((key) => !isDeepStrictEqual(running[key], next[key]))
  return { config: { ...running, databases }, waiting }
}
