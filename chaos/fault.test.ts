import { expect, test } from 'vitest'
import { FaultWithoutEffect, injectSteps, type FaultSteps } from './fault.ts'

/** Steps that write down when they are taken. */
function recorded(over: Partial<FaultSteps> = {}): FaultSteps & { readonly taken: readonly string[] } {
  const taken: string[] = []
  return {
    taken,
    async harm() {
      taken.push('harm')
      await over.harm?.()
    },
    async proveApplied() {
      taken.push('look')
      return (await over.proveApplied?.()) ?? 'it bites'
    },
    async cure() {
      taken.push('cure')
      return 'it is well'
    },
  }
}

const never = new AbortController().signal

test('a fault is healed once, by its scope or before', async () => {
  const steps = recorded()
  {
    await using injected = await injectSteps('postgres-0', never, steps)
    expect([injected.target, injected.effect]).toEqual(['postgres-0', 'it bites'])
    expect(await injected.heal()).toBe('it is well')
  }
  expect(steps.taken).toEqual(['harm', 'look', 'cure'])
})

test('a fault without effect is healed and says so', async () => {
  const steps = recorded({ proveApplied: () => Promise.reject(new FaultWithoutEffect('primary-kill', 'postgres-0', 'it still answers')) })
  await expect(injectSteps('postgres-0', never, steps)).rejects.toThrow('primary-kill on postgres-0 had no effect: it still answers')
  expect(steps.taken).toEqual(['harm', 'look', 'cure'])
})

test('harm that failed half-way is undone', async () => {
  const steps = recorded({ harm: () => Promise.reject(new Error('no such part')) })
  await expect(injectSteps('postgres-0', never, steps)).rejects.toThrow('no such part')
  expect(steps.taken).toEqual(['harm', 'cure'])
})

test('an abort heals, whenever it comes', async () => {
  const early = recorded()
  await expect(injectSteps('x', AbortSignal.abort(), early)).rejects.toThrow()
  expect(early.taken).toEqual([])
  const between = new AbortController()
  const half = recorded({ harm: async () => between.abort() })
  await expect(injectSteps('x', between.signal, half)).rejects.toThrow()
  expect(half.taken).toEqual(['harm', 'look', 'cure'])
  const late = new AbortController()
  const steps = recorded()
  await using injected = await injectSteps('x', late.signal, steps)
  late.abort()
  expect(steps.taken).toEqual(['harm', 'look', 'cure'])
  expect(await injected.heal()).toBe('it is well')
})
