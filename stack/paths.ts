/** How parts reach each other: over Links that the stack owns, or directly. */
import type { Address, Running } from './launch.ts'
import { mainPort } from './layout.ts'
import { openLink, type OwnedLink } from './links/open-link.ts'

export interface Paths extends AsyncDisposable {
  /** Opens a path to a part that may not be there yet; its name is the part's unless it has a purpose of its own. */
  open(target: string, name?: string): Promise<void>
  /** Where peers reach what a path leads to: a Link at once, a part wired directly once it has arrived. */
  to(name: string): Promise<Address>
  /** The part runs. */
  arrived(part: Running): void
  readonly links: readonly OwnedLink[]
}

/** Paths over Links. */
export function recordedPaths(): Paths {
  const opened = new Map<string, { readonly target: string; readonly link: OwnedLink }>()
  return {
    async open(target, name = target) {
      opened.set(name, { target, link: await openLink(name) })
    },
    async to(name) {
      return opened.get(name)!.link.address
    },
    arrived(part) {
      for (const { target, link } of opened.values()) if (target === part.name) link.aim(mainPort(part))
    },
    get links() {
      return [...opened.values()].map(({ link }) => link)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...opened.values()].map(({ link }) => link[Symbol.asyncDispose]()))
    },
  }
}

/** No Link in between; `signal` ends the waiting for a part that never arrives. */
export function directPaths(signal: AbortSignal): Paths {
  const places = new Map<string, PromiseWithResolvers<Address>>()
  const targets = new Map<string, string>()
  const place = (target: string) => {
    const known = places.get(target) ?? Promise.withResolvers<Address>()
    places.set(target, known)
    return known
  }
  return {
    async open(target, name = target) {
      targets.set(name, target)
    },
    to: (name) => orAborted(place(targets.get(name) ?? name).promise, signal),
    arrived: (part) => place(part.name).resolve(mainPort(part)),
    links: [],
    async [Symbol.asyncDispose]() {},
  }
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', abort))
}
