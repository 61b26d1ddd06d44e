/** The session of an operator: simple queries only, answered by the router itself. */
import type { Socket } from 'node:net'
import type { Logger } from 'pino'
import { encodeBackend, frontendType, noticeMessage, type Frame, type Framer } from '../../wire/index.ts'
import { Inbox } from '../crew/inbox.ts'
import { Refused, shuttingDown, unsupported } from '../refused.ts'
import { answerCommand, type Answer, type Estate, type Table } from './commands.ts'

export interface AdminSessionOptions {
  readonly socket: Socket
  readonly framer: Framer
  readonly estate: Estate
  readonly log: Logger
  readonly onOver: () => void
}

const ready = encodeBackend({ kind: 'ready-for-query', status: 'I' })
const { query, sync, terminate } = frontendType

export class AdminSession {
  readonly #options: AdminSessionOptions
  readonly #inbox: Inbox
  #over = false
  /** After an error of an extended message everything is passed over up to Sync. */
  #skipping = false

  constructor(options: AdminSessionOptions) {
    this.#options = options
    this.#inbox = new Inbox(options.socket, options.framer, () => this.#leave())
    options.socket.on('error', (error) => options.log.debug({ reason: error.message }, 'an operator has gone'))
  }

  proceed(): void {
    void this.#serve()
  }

  drain(): void {
    this.cut()
  }

  cut(): void {
    if (this.#over) return
    this.#options.socket.end(shuttingDown().bytes())
    this.#leave()
  }

  /** Nothing here takes long. */
  cancel(): Promise<void> {
    return Promise.resolve()
  }

  async #serve(): Promise<void> {
    try {
      for (let frame = await this.#inbox.next(); frame; frame = await this.#inbox.next()) await this.#handle(frame)
    } catch (error) {
      this.#options.log.info({ reason: (error as Error).message }, 'an operator was sent away')
      this.#options.socket.destroy()
    }
  }

  async #handle(frame: Frame): Promise<void> {
    const { socket } = this.#options
    if (frame.type === terminate) return void socket.end()
    if (frame.type === query) return this.#answer(frame.body.toString('utf8', 0, Math.max(0, frame.body.length - 1)))
    if (frame.type === sync) socket.write(ready)
    else if (!this.#skipping) socket.write(unsupported('the admin database takes simple queries only').bytes())
    this.#skipping = frame.type !== sync
  }

  async #answer(text: string): Promise<void> {
    const { socket, estate, log } = this.#options
    try {
      log.info({ command: text.slice(0, 100) }, 'an operator asks')
      socket.write(bytesOf(await answerCommand(text, estate)))
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      socket.write(error.bytes())
    }
    socket.write(ready)
  }

  #leave(): void {
    if (this.#over) return
    this.#over = true
    this.#inbox.close()
    this.#options.onOver()
  }
}

function bytesOf({ table, tag, notice }: Answer): Buffer {
  const told = notice === null ? [] : [noticeMessage({ severity: 'NOTICE', code: '00000', message: notice })]
  return Buffer.concat([...told, ...(table ? rowsOf(table) : []), encodeBackend({ kind: 'command-complete', tag })])
}

/** Everything is text. */
function rowsOf({ columns, rows }: Table): Buffer[] {
  const described = columns.map((name) => ({ name, table: 0, attribute: 0, type: 25, size: -1, modifier: -1, format: 0 }))
  const values = rows.map((row) =>
    encodeBackend({ kind: 'data-row', values: row.map((value) => (value === null ? null : Buffer.from(value))) }),
  )
  return [encodeBackend({ kind: 'row-description', columns: described }), ...values]
}
