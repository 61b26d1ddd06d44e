/** A worker process that takes the place of another is told by the rest what was pushed before its time. */
import type { Crew } from './crew.ts'
import { readRevocations, writeRevocations, type Revocation } from './revocations.ts'

export interface Sharing {
  pushed(): readonly Revocation[]
  push(revocations: readonly Revocation[]): unknown
}

const [wanted, told] = ['revocations-wanted', 'revocations']
/** With room for what the way there adds. */
const maxText = 60_000

export function shareRevocations(crew: Crew, { pushed, push }: Sharing): Disposable {
  const stack = new DisposableStack()
  stack.use(crew.hear(told, (text) => void push(readRevocations(text) ?? [])))
  stack.use(
    crew.hear(wanted, (_, from) => {
      for (const text of inPieces(pushed())) crew.tell(told, text, from)
    }),
  )
  crew.tell(wanted, '')
  return stack
}

function inPieces(revocations: readonly Revocation[]): string[] {
  const pieces: Revocation[][] = []
  let length = maxText
  for (const revocation of revocations) {
    const more = writeRevocations([revocation]).length
    if (length + more > maxText) {
      pieces.push([])
      length = 0
    }
    pieces.at(-1)!.push(revocation)
    length += more
  }
  return pieces.map(writeRevocations)
}
