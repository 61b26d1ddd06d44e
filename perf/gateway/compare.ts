/** Two subjects side by side: blocks in the order A B B A, so that what changes slowly on the machine falls on both alike. */
import type { Block, Load } from './loads.ts'
import type { Subject } from './subject.ts'

/** What A and B did at about the same time. */
export type Pair = readonly [a: Block, b: Block]

export async function compare(a: Subject, b: Subject, open: (subject: Subject) => Promise<Load>, rounds: number): Promise<readonly Pair[]> {
  await using loadA = await open(a)
  await using loadB = await open(b)
  // What is compiled and cached on the way is not what is measured.
  await loadA.run()
  await loadB.run()
  const pairs: Pair[] = []
  for (let round = 0; round < rounds; round++) {
    const firstA = await loadA.run()
    const firstB = await loadB.run()
    const secondB = await loadB.run()
    const secondA = await loadA.run()
    pairs.push([firstA, firstB], [secondA, secondB])
  }
  return pairs
}
