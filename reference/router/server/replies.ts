/** Knows which message of a server answers which message that was sent to it, whoever sent it, however many are in flight. */
import { backendType, ProtocolViolation, type Frame } from '../../wire/index.ts'

/** What was sent, named by what will answer it. `copy-end` (CopyDone, CopyFail) gets no answer of its own. */
export type WantKind = 'query' | 'parse' | 'bind' | 'describe' | 'close' | 'execute' | 'sync' | 'function' | 'copy-end'

export interface Want {
  readonly kind: WantKind
  /** Gets every message that answers this one, and those without a place of their own (notices, parameters) that come meanwhile. */
  readonly receive: (frame: Frame) => void
  /** The server refused this message or skipped it: what was assumed when it was sent did not happen. */
  readonly undo?: () => void
}

const t = backendType

/** Messages that end the answer to a want of each kind. */
const enders: Readonly<Record<WantKind, ReadonlySet<number>>> = {
  query: new Set([t.readyForQuery]),
  function: new Set([t.readyForQuery]),
  sync: new Set([t.readyForQuery]),
  parse: new Set([t.parseComplete]),
  bind: new Set([t.bindComplete]),
  close: new Set([t.closeComplete]),
  describe: new Set([t.rowDescription, t.noData]),
  execute: new Set([t.commandComplete, t.emptyQuery, t.portalSuspended]),
  'copy-end': new Set(),
}

const resultParts = [t.dataRow, t.copyData, t.copyDone, t.copyOut, t.copyIn]

/** Messages that may come before the end of the answer. */
const parts: Readonly<Record<WantKind, ReadonlySet<number>>> = {
  query: new Set([...resultParts, t.rowDescription, t.commandComplete, t.emptyQuery]),
  function: new Set([t.functionResult]),
  sync: new Set(),
  parse: new Set(),
  bind: new Set(),
  close: new Set(),
  describe: new Set([t.parameterDescription]),
  execute: new Set(resultParts),
  'copy-end': new Set(),
}

const anytime: ReadonlySet<number> = new Set([t.noticeResponse, t.parameterStatus, t.notification])

/** These end at ReadyForQuery, and an error does not make the server skip what follows. */
const endsAtReady = (kind: WantKind): boolean => kind === 'query' || kind === 'function' || kind === 'sync'

export class Replies {
  #wants: Want[] = []
  /** The server skips everything up to the next Sync. */
  #skipping = false
  #copyIn = false
  /** Syncs the server takes for nothing because it reads copy data; kept in case the copy breaks before it has read them. */
  #unheard: Want[] = []
  #last: Want | null = null

  /** Messages the server has not answered to the end. */
  get outstanding(): number {
    return this.#wants.length
  }

  /** Nothing is in flight and no Sync is owed: the status of the last ReadyForQuery holds. */
  get quiet(): boolean {
    return this.#wants.length === 0 && !this.#skipping && !this.#copyIn
  }

  get skipping(): boolean {
    return this.#skipping
  }

  /** The server waits for copy data. */
  get copyIn(): boolean {
    return this.#copyIn
  }

  /** Who had the last answer has left: what comes unasked from now on is for nobody. */
  forgetLast(): void {
    this.#last = null
  }

  /** Call it before the message is written to the server. Throws a ProtocolViolation when the message cannot come now. */
  expect(want: Want): void {
    if (this.#copyIn) this.#expectInCopy(want)
    else if (this.#skipping && want.kind !== 'sync') want.undo?.()
    else this.#enqueue(want)
  }

  /** Gives a message of the server to who waits for it. Throws a ProtocolViolation when nobody can. */
  take(frame: Frame): void {
    if (anytime.has(frame.type)) return this.#takeAnytime(frame)
    if (frame.type === t.errorResponse) return this.#takeError(frame)
    const head = this.#head(frame)
    const ends = enders[head.kind].has(frame.type)
    if (!ends && !parts[head.kind].has(frame.type)) throw outOfTurn()
    if (frame.type === t.copyIn) this.#beginCopy()
    if (ends) {
      this.#wants.shift()
      this.#unheard = []
    }
    this.#last = head
    head.receive(frame)
    this.#advance()
  }

  #enqueue(want: Want): void {
    if (want.kind === 'sync') this.#skipping = false
    this.#wants.push(want)
    this.#advance()
  }

  #expectInCopy(want: Want): void {
    if (want.kind === 'copy-end') this.#copyIn = false
    else if (want.kind === 'sync') this.#unheard.push(want)
    else throw new ProtocolViolation('bad-value', 'a message other than copy data came while the server reads copy data')
  }

  /** The end of a copy that is over, or never began, waits for nothing. */
  #advance(): void {
    while (this.#wants[0]?.kind === 'copy-end') this.#wants.shift()
  }

  #head(frame: Frame): Want {
    const head = this.#wants[0]
    if (head) return head
    const unheard = this.#unheard.shift()
    if (!unheard || !this.#skipping || frame.type !== t.readyForQuery) throw outOfTurn()
    this.#skipping = false
    this.#wants.unshift(unheard)
    return unheard
  }

  #takeAnytime(frame: Frame): void {
    const receiver = this.#wants[0] ?? this.#last
    receiver?.receive(frame)
  }

  #takeError(frame: Frame): void {
    this.#copyIn = false
    const head = this.#wants[0]
    if (!head) return this.#last?.receive(frame)
    if (!endsAtReady(head.kind)) this.#skip()
    this.#last = head
    head.receive(frame)
    return this.#advance()
  }

  /** Drops what the server skips; undone in reverse, since later messages were sent on the assumption of earlier ones. */
  #skip(): void {
    const sync = this.#wants.findIndex((want) => want.kind === 'sync')
    const dropped = this.#wants.splice(0, sync < 0 ? this.#wants.length : sync)
    this.#skipping = sync < 0
    for (const want of dropped.toReversed()) want.undo?.()
  }

  /** The server reads copy data now: Syncs sent before the end of the copy are not heard. */
  #beginCopy(): void {
    const [head, ...rest] = this.#wants
    if (!head) return
    const end = rest.findIndex((want) => want.kind === 'copy-end')
    const during = end < 0 ? rest : rest.slice(0, end)
    if (during.some((want) => want.kind !== 'sync'))
      throw new ProtocolViolation('bad-value', 'messages were sent where copy data had to come')
    this.#unheard = during
    this.#copyIn = end < 0
    this.#wants = [head, ...(end < 0 ? [] : rest.slice(end + 1))]
  }
}

function outOfTurn(): ProtocolViolation {
  return new ProtocolViolation('bad-value', 'the server sent a message that answers nothing')
}
