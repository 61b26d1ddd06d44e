/** Every fault file that is found: done, seen to bite, healed, and nothing of it left; whoever aborts it too. */
import { readdirSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { raise } from '../stack/raise.ts'
import type { Stack } from '../stack/stack.ts'
import type { TopologyWish } from '../stack/topology.ts'
import { defaultTopology, topologyText } from '../stack/wish.ts'
import type { Fault } from './fault.ts'

interface FaultFile {
  readonly default: () => Fault
  readonly trial: {
    readonly targets: readonly string[]
    readonly topology: TopologyWish
    /** Somebody is at work while the fault is done. */
    readonly meanwhile?: (stack: Stack, signal: AbortSignal) => Promise<void>
  }
}

const folder = new URL('./faults/', import.meta.url)
const names = readdirSync(folder).filter((name) => name.endsWith('.ts'))
const files = await Promise.all(names.map(async (name) => [name, (await import(new URL(name, folder).href)) as FaultFile] as const))

/** One stack for all faults that want the same: a fault is to leave it as it found it. */
const stacks = new Map<string, Promise<Stack>>()

function stackFor(wish: TopologyWish): Promise<Stack> {
  const topology = defaultTopology({ pooler: { kind: 'router' } }, wish)
  const key = topologyText(topology)
  const options = { run: `faults-${process.pid}`, provider: 'embedded' as const, signal: AbortSignal.timeout(90_000) }
  const known = stacks.get(key) ?? raise(topology, options)
  stacks.set(key, known)
  return known
}

afterAll(async () => {
  for (const stack of stacks.values()) await (await stack)[Symbol.asyncDispose]()
}, 60_000)

async function busy(stack: Stack, { meanwhile }: FaultFile['trial']): Promise<AsyncDisposable> {
  const stop = new AbortController()
  const done = meanwhile?.(stack, stop.signal)
  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      await done
    },
  }
}

const cases = files.flatMap(([name, file]) => file.trial.targets.map((target) => ({ name, target, file })))

test.for(cases)('$name on $target bites, and heals', { timeout: 120_000 }, async ({ file, target }) => {
  const stack = await stackFor(file.trial.topology)
  const fault = file.default()
  for (const need of fault.needs) expect(stack.can(need)).toMatchObject({ here: true })
  await using _ = await busy(stack, file.trial)
  const injected = await fault.inject(stack, target, AbortSignal.timeout(60_000))
  expect(injected.target).toBe(target)
  expect(injected.effect).not.toBe('')
  const [once, again] = await Promise.all([injected.heal(), injected.heal()])
  expect(once).not.toBe('')
  expect(again).toBe(once)
  await injected[Symbol.asyncDispose]()
  await injected[Symbol.asyncDispose]()
  expect(stack.parts().filter((part) => !part.alive())).toEqual([])
})

test.for(files.map(([name, file]) => ({ name, file })))(
  '$name aborted in the midst leaves nothing',
  { timeout: 120_000 },
  async ({ file }) => {
    const stack = await stackFor(file.trial.topology)
    const [target] = file.trial.targets
    await using _ = await busy(stack, file.trial)
    const abort = new AbortController()
    setTimeout(() => abort.abort(), 30)
    const injected = await file
      .default()
      .inject(stack, target!, abort.signal)
      .catch((error: unknown) => error)
    if (!(injected instanceof Error)) await (injected as AsyncDisposable)[Symbol.asyncDispose]()
    expect(stack.parts().filter((part) => !part.alive())).toEqual([])
  },
)
