/** A map that forgets what was not touched for long, so that its size is bounded whatever strangers do. */

/**
 * Two generations of half the size: when the young one is full it becomes the old one, and the old one is thrown away whole. What is looked up
 * or written moves into the young one, so a flood of new keys drives out none that is in use.
 */
export class Recent<V> {
  #half: number
  #young = new Map<string, V>()
  #old = new Map<string, V>()

  constructor(capacity: number) {
    this.#half = halfOf(capacity)
  }

  /** What does not fit any more is forgotten. */
  resize(capacity: number): void {
    this.#half = halfOf(capacity)
    if (this.#old.size > this.#half) this.#old = new Map()
    if (this.#young.size > this.#half) this.#young = new Map()
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }

  get(key: string): V | undefined {
    const value = this.#young.get(key) ?? this.#old.get(key)
    if (value !== undefined) this.set(key, value)
    return value
  }

  set(key: string, value: V): void {
    if (!this.#young.has(key) && this.#young.size >= this.#half) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#old.delete(key)
    this.#young.set(key, value)
  }

  delete(key: string): void {
    this.#young.delete(key)
    this.#old.delete(key)
  }
}

function halfOf(capacity: number): number {
  return Math.max(1, Math.floor(capacity / 2))
}
