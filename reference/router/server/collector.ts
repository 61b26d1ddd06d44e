/** Gathers the answer to one statement of the router itself: its rows and its error. */
import { backendType, decodeBackend, decodeFields, frameOf, type ErrorFields, type Frame } from '../../wire/index.ts'

export interface Ran {
  readonly error: ErrorFields | null
  readonly rows: readonly (readonly (string | null)[])[]
}

export class Collector {
  #error: ErrorFields | null = null
  readonly #rows: (string | null)[][] = []
  #pieces: Buffer[] = []

  /** True when the answer is complete. */
  take(frame: Frame): boolean {
    if (frame.type === backendType.errorResponse) this.#error = decodeFields(frame.body)
    if (frame.type === backendType.dataRow) this.#takeRow(frame)
    return frame.type === backendType.readyForQuery
  }

  ran(): Ran {
    return { error: this.#error, rows: this.#rows }
  }

  #takeRow(frame: Frame): void {
    this.#pieces.push(frame.bytes)
    if (frame.piece !== 'whole' && frame.piece !== 'last') return
    const row = decodeBackend(frameOf(Buffer.concat(this.#pieces)))
    this.#pieces = []
    if (row.kind === 'data-row') this.#rows.push(row.values.map((value) => value?.toString('utf8') ?? null))
  }
}
