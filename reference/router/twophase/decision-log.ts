/** The durable log of decisions: a transaction over shards is committed from the moment its line is on disk, and not before. */
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

export interface Participant {
  readonly shard: number
  readonly user: string
}

export interface Decision {
  readonly id: string
  readonly database: string
  readonly participants: readonly Participant[]
}

type Line = ({ readonly committed: Decision } | { readonly done: string }) & object

/** When it has grown to this and nothing is open, it begins anew. */
const mostBytes = 4 * 1024 * 1024

export class DecisionLog implements AsyncDisposable {
  /** Tells the transactions of this log from those of others. */
  readonly identity: string
  readonly #dir: string
  readonly #open: Map<string, Decision>
  #file: FileHandle
  #bytes: number
  /** Writes follow one another. */
  #tail: Promise<void> = Promise.resolve()

  constructor(dir: string, identity: string, open: Map<string, Decision>, file: FileHandle, bytes: number) {
    this.#dir = dir
    this.identity = identity
    this.#open = open
    this.#file = file
    this.#bytes = bytes
  }

  /** Makes the folder when it is not there. Throws when another router uses it, or when a line cannot be read. */
  static async open(dir: string): Promise<DecisionLog> {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    takeLock(join(dir, 'lock'))
    const identity = identityIn(dir)
    const decisions = readDecisions(join(dir, 'decisions'))
    const bytes = rewrite(dir, decisions)
    return new DecisionLog(dir, identity, decisions, await open(join(dir, 'decisions'), 'a'), bytes)
  }

  /** Decisions that have not been carried out everywhere. */
  get pending(): ReadonlyMap<string, Decision> {
    return this.#open
  }

  /** Settles when the decision would survive a loss of power. */
  async commit(decision: Decision): Promise<void> {
    await this.#append({ committed: decision }, true)
    this.#open.set(decision.id, decision)
  }

  /** Carried out everywhere. That it is forgotten in a crash does no harm. */
  async done(id: string): Promise<void> {
    this.#open.delete(id)
    await this.#append({ done: id }, false)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tail.catch(() => {})
    await this.#file.close()
    writeFileSync(join(this.#dir, 'lock'), '')
  }

  #append(line: Line, durable: boolean): Promise<void> {
    const text = `${JSON.stringify(line)}\n`
    const written = this.#tail.then(async () => {
      await this.#file.appendFile(text)
      this.#bytes += text.length
      if (durable) await this.#file.datasync()
      if (this.#bytes > mostBytes && this.#open.size === 0) await this.#begin()
    })
    this.#tail = written.catch(() => {})
    return written
  }

  async #begin(): Promise<void> {
    await this.#file.close()
    this.#bytes = rewrite(this.#dir, this.#open)
    this.#file = await open(join(this.#dir, 'decisions'), 'a')
  }
}

function takeLock(file: string): void {
  const holder = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
  if (holder > 0 && holder !== process.pid && isAlive(holder))
    throw new Error(`${file}: another router (process ${holder}) uses this folder`)
  writeFileSync(file, String(process.pid))
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function identityIn(dir: string): string {
  const file = join(dir, 'identity')
  if (!existsSync(file)) writeDurably(file, randomBytes(6).toString('hex'))
  return readFileSync(file, 'utf8').trim()
}

/** Only the last line can be torn: it was never relied upon. */
function readDecisions(file: string): Map<string, Decision> {
  const decisions = new Map<string, Decision>()
  if (!existsSync(file)) return decisions
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  for (const [i, text] of lines.entries()) {
    const line = parse(text, `${file}:${i + 1}`)
    if ('committed' in line) decisions.set(line.committed.id, line.committed)
    else decisions.delete(line.done)
  }
  return decisions
}

function parse(text: string, place: string): Line {
  try {
    return JSON.parse(text) as Line
  } catch (error) {
    throw new Error(`${place}: this line of the log of decisions cannot be read; transactions that it decides would be lost`, {
      cause: error,
    })
  }
}

function rewrite(dir: string, decisions: ReadonlyMap<string, Decision>): number {
  const text = [...decisions.values()].map((committed) => `${JSON.stringify({ committed })}\n`).join('')
  writeDurably(join(dir, 'decisions'), text)
  return text.length
}

function writeDurably(file: string, text: string): void {
  const fresh = `${file}.new`
  const made = openSync(fresh, 'w', 0o600)
  writeSync(made, text)
  fsyncSync(made)
  closeSync(made)
  renameSync(fresh, file)
  const folder = openSync(join(file, '..'), 'r')
  fsyncSync(folder)
  closeSync(folder)
}
