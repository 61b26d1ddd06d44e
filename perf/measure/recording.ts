/** Rounds of blocks: every arm forwards, then backwards (A B C C B A), so that what changes slowly on the machine falls on all alike. */
import type { Block } from '../generator/block.ts'
import { joined } from './joined.ts'

/** One way through which the load runs. */
export interface Arm {
  readonly name: string
  /** One block of load; the same seed brings the same arrivals to each arm. */
  block(seed: string): Promise<Block>
}

export class Recording {
  readonly #arms: readonly Arm[]
  readonly #warmUpBlocks: number
  readonly #seed: string
  /** Round → arm → its two blocks. */
  readonly rounds: ReadonlyMap<string, readonly Block[]>[] = []
  #warm = false

  constructor(arms: readonly Arm[], seed: string, warmUpBlocks: number) {
    this.#arms = arms
    this.#seed = seed
    this.#warmUpBlocks = warmUpBlocks
  }

  get arms(): readonly string[] {
    return this.#arms.map(({ name }) => name)
  }

  /** Goes on until there are so many rounds. */
  async extendTo(count: number, signal?: AbortSignal): Promise<void> {
    if (!this.#warm) await this.#warmUp()
    while (this.rounds.length < count) {
      signal?.throwIfAborted()
      this.rounds.push(await this.#round(this.rounds.length))
    }
  }

  /** What is compiled, cached and opened on the way is not what is measured. */
  async #warmUp(): Promise<void> {
    for (let n = 0; n < this.#warmUpBlocks; n++) for (const arm of this.#arms) await arm.block(`${this.#seed}/warm-up/${n}`)
    this.#warm = true
  }

  /** Every other round begins at the other end. */
  async #round(round: number): Promise<ReadonlyMap<string, readonly Block[]>> {
    const there = round % 2 === 0 ? this.#arms : this.#arms.toReversed()
    const blocks = new Map<string, Block[]>(this.#arms.map(({ name }) => [name, []]))
    for (const [half, arms] of [there, there.toReversed()].entries())
      for (const arm of arms) blocks.get(arm.name)!.push(await arm.block(`${this.#seed}/${round}/${half}`))
    return blocks
  }

  blocksOf(arm: string): readonly Block[] {
    return this.rounds.flatMap((round) => round.get(arm) ?? [])
  }

  /** The times of an arm, round by round. */
  timesOf(arm: string): readonly Float64Array[] {
    return this.rounds.map((round) => joined((round.get(arm) ?? []).map(({ times }) => times)))
  }

  /** Answered per second, round by round. */
  ratesOf(arm: string): readonly number[] {
    return this.rounds.map((round) => {
      const blocks = round.get(arm) ?? []
      return (sum(blocks.map(({ times }) => times.length)) / sum(blocks.map(({ elapsedMs }) => elapsedMs))) * 1000
    })
  }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
