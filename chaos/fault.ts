/** A fault is one way to harm a running stack: it is done to a target, shows that it bites, and heals when its scope is left. */
import type { Capability } from '../spec/capability.ts'
import type { Stack } from '../stack/stack.ts'

/** Faults with parameters are made by functions: `slow({ delayMs: 200 })`. */
export interface Fault {
  /** Place and effect: `primary-kill`, `link-cut`. */
  readonly name: string
  /** Where one of these is absent the fault is unsupported, and nobody tries it. */
  readonly needs: readonly Capability[]
  /**
   * Returns once the fault was seen to bite; one that did not bite is healed again and throws FaultWithoutEffect.
   * An abort heals it too, whenever it comes.
   */
  inject(stack: Stack, target: string, signal: AbortSignal): Promise<InjectedFault>
}

/** A fault that bites now. Leaving its scope heals it, also after an abort; healing twice is one healing. */
export interface InjectedFault extends AsyncDisposable {
  /** The part or link it befell. */
  readonly target: string
  /** What was seen that shows that the fault bites. */
  readonly effect: string
  /** Resolves to what was seen that shows that all is well again. */
  heal(): Promise<string>
}

/** The fault was done and nothing came of it: whatever is measured now says nothing, so the run is unknown. */
export class FaultWithoutEffect extends Error {
  readonly fault: string
  readonly target: string

  constructor(fault: string, target: string, seen: string, options?: ErrorOptions) {
    super(`${fault} on ${target} had no effect: ${seen}`, options)
    this.name = 'FaultWithoutEffect'
    this.fault = fault
    this.target = target
  }
}

/** What a fault is made of: it is done, it is looked at, and it is undone. */
export interface FaultSteps {
  /** Harms the target. */
  harm(): Promise<void>
  /** Says what shows that it bites, or throws FaultWithoutEffect. */
  proveApplied(): Promise<string>
  /** Undoes the harm and says what shows it; called once, and also when `harm` or `proveApplied` failed half-way. */
  cure(): Promise<string>
}

/** The order of the steps is the same for every fault: harm, look, and heal once, whatever happens in between. */
export async function injectSteps(target: string, signal: AbortSignal, steps: FaultSteps): Promise<InjectedFault> {
  signal.throwIfAborted()
  let healing: Promise<string> | undefined
  const heal = () => (healing ??= steps.cure())
  const healOnAbort = () => void heal().catch(() => {})
  try {
    await steps.harm()
    const effect = await steps.proveApplied()
    signal.throwIfAborted()
    signal.addEventListener('abort', healOnAbort, { once: true })
    return {
      target,
      effect,
      heal,
      async [Symbol.asyncDispose]() {
        signal.removeEventListener('abort', healOnAbort)
        await heal()
      },
    }
  } catch (error) {
    await heal()
    throw error
  }
}
