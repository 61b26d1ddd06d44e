/** Writes a history line by line as things happen, so that what is on disk after a crash is what had happened until then. */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Fence, Json, Line, Opening, Operation, Result } from './record.ts'

/** A fault that is written down from its beginning to its end. */
export interface FaultBook {
  bites(seen: string): void
  heal(): void
  healed(seen: string): void
}

export interface HistoryBook extends Disposable {
  readonly file: string
  /** On the clock of the history, ms. */
  now(): number
  /** Returns the index of the operation. */
  invoke(operation: Pick<Operation, 'process' | 'load' | 'kind' | 'args'>): number
  return(index: number, result: Result): void
  fault(name: string, target: string): FaultBook
  sample(name: string, where: string, value: number): void
  truth(load: string, state: Json): void
  fence(when: Fence['when'], healthy: boolean, seen: string): void
  /** Nothing more will come; without it the history counts as cut off. */
  close(): void
}

type Untimed<L> = L extends Line ? Omit<L, 'at'> : never

/** One write per line: a process that is killed leaves at most one torn line, the last. */
export function openHistory(file: string, opening: Omit<Opening, 'format' | 'startedAt'>): HistoryBook {
  mkdirSync(dirname(file), { recursive: true })
  const descriptor = openSync(file, 'w', 0o600)
  const start = performance.now()
  let isOpen = true
  let [operations, faults] = [0, 0]
  const now = () => Math.round((performance.now() - start) * 1000) / 1000
  const write = (line: Line) => {
    // What a client says after the end says nothing any more.
    if (isOpen) writeSync(descriptor, `${JSON.stringify(line)}\n`)
  }
  const append = (line: Untimed<Line>) => write({ ...line, at: now() } as Line)
  const close = () => {
    if (!isOpen) return
    append({ t: 'end' })
    isOpen = false
    closeSync(descriptor)
  }
  write({ t: 'begin', format: 1, startedAt: new Date().toISOString(), ...opening })
  return {
    file,
    now,
    invoke(operation) {
      const index = operations++
      append({ t: 'invoke', index, ...operation })
      return index
    },
    return: (index, result) => append({ t: 'return', index, ...result }),
    fault(name, target) {
      const fault = faults++
      append({ t: 'inject', fault, name, target })
      return {
        bites: (seen) => append({ t: 'bites', fault, seen }),
        heal: () => append({ t: 'heal', fault, seen: '' }),
        healed: (seen) => append({ t: 'healed', fault, seen }),
      }
    },
    sample: (name, where, value) => append({ t: 'sample', name, where, value }),
    truth: (load, state) => append({ t: 'truth', load, state }),
    fence: (when, healthy, seen) => append({ t: 'fence', when, healthy, seen }),
    close,
    /** Left without `close`: an error came in between, and the file stays cut off. */
    [Symbol.dispose]() {
      if (isOpen) closeSync(descriptor)
      isOpen = false
    },
  }
}
