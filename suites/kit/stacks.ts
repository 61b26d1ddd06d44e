/** Keeps running stacks warm by the digest of their topology, and gives a destructive entry one of its own. */
import { raise } from '../../stack/raise.ts'
import { defaultTopology, topologyText } from '../../stack/wish.ts'
import type { Stack } from '../../stack/stack.ts'
import type { Topology, TopologyWish } from '../../stack/topology.ts'
import type { EvidenceLog } from './evidence-log.ts'
import type { Run } from './run.ts'

/** A stack lent to one entry. */
export interface Lease extends AsyncDisposable {
  readonly stack: Stack
  /** Nobody gets this stack again: something may have been left in it. */
  taint(): void
}

export interface Stacks extends AsyncDisposable {
  lease(topology: Topology, fresh: boolean, signal: AbortSignal): Promise<Lease>
}

/** The wish of a test file over that of the command line over the default. PgDog has no container form here: Docker's default is the router. */
export function wishedTopology(run: Run, wish: TopologyWish): Topology {
  const kind = run.pooler ?? (run.provider === 'docker' ? 'router' : undefined)
  return defaultTopology({ programs: run.programs }, kind === undefined ? {} : { pooler: { kind } }, run.topology, wish)
}

/** At most so many stacks stay up at once; the one used longest ago goes first. */
const warmest = 2

export function keepStacks(run: Run, log: EvidenceLog): Stacks {
  const warm = new Map<string, Stack>()
  const tainted = new Set<Stack>()
  const drop = async (key: string, stack: Stack) => {
    warm.delete(key)
    await stack[Symbol.asyncDispose]()
  }
  const start = async (topology: Topology, signal: AbortSignal) => {
    const stack = await raise(topology, { run: run.id, provider: run.provider, signal })
    const file = log.store(`stacks/${stack.id}/settings.json`, JSON.stringify(await stack.settings(), null, 2))
    log.append({ kind: 'stack', setting: stack.setting, versions: stack.versions, settings: file.path })
    return stack
  }
  return {
    async lease(topology, fresh, signal) {
      const key = topologyText(topology)
      const known = warm.get(key)
      if (known !== undefined && !fresh) {
        if (!tainted.has(known)) return lend(known, () => tainted.add(known))
        await drop(key, known)
      }
      if (fresh) {
        const stack = await start(topology, signal)
        return { ...lend(stack, () => {}), [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose]() }
      }
      for (const [oldKey, old] of warm) if (warm.size >= warmest) await drop(oldKey, old)
      const stack = await start(topology, signal)
      warm.set(key, stack)
      return lend(stack, () => tainted.add(stack))
    },
    async [Symbol.asyncDispose]() {
      for (const [key, stack] of warm) await drop(key, stack)
    },
  }
}

function lend(stack: Stack, taint: () => void): Lease {
  return { stack, taint, [Symbol.asyncDispose]: async () => {} }
}
