/** One unit of the extended protocol, from its first message to Sync: each message goes where its statement has to run. */
import { encodeBackend, frontendType, statementNameOf, type Frame } from '../../wire/index.ts'
import type { Statement } from '../client/statements.ts'
import { Refused, unsupported } from '../refused.ts'
import type { Analysis } from '../routing/analysis.ts'
import { noValues, type Route } from '../routing/route.ts'
import { effectsOf } from '../sql/effects.ts'
import type { Branch } from './branch.ts'
import { checkAlone, inFailed, mayFollowFailure } from './control.ts'
import { passCopyIn } from './copy-through.ts'
import type { Crew } from './crew.ts'
import { AlreadyTold } from './endings.ts'
import { describeOwn, describePortal, executePortal, isOwn, type Portal } from './portal.ts'
import { decodeBind, textOf, typesOf, valuesOf } from './values.ts'

const { parse, bind, describe, execute, close, flush } = frontendType

/** More than this is not kept until Sync. */
const mostBytes = 1024 * 1024

export class Unit {
  readonly #crew: Crew
  #frames: Frame[] = []
  /** Those before it are done. */
  #next = 0
  #bytes = 0
  readonly #portals: Map<string, Portal>
  /** Servers that owe an answer to a Sync. */
  readonly #open = new Set<Branch>()
  #current: Branch | null = null

  constructor(crew: Crew, portals: Map<string, Portal>) {
    this.#crew = crew
    this.#portals = portals
  }

  add(frame: Frame): void {
    this.#frames.push(frame)
    this.#bytes += frame.bytes.length
  }

  /** So much is waiting that it is better done before there is more. */
  get full(): boolean {
    return this.#bytes > mostBytes
  }

  /** Does what has come so far. Throws a Refused or AlreadyTold: what is left of the unit is not to be done. */
  async run(): Promise<void> {
    try {
      await this.#foresee()
      for (let frame = this.#frames[this.#next]; frame; frame = this.#frames[this.#next]) {
        await this.#handle(frame, this.#next++)
        await this.#serveCopy()
      }
    } catch (error) {
      // A server may have refused an earlier message: that is what the client has to be told, and nothing more.
      if (error instanceof Refused) await this.#settled()
      throw error
    }
    await this.#settled()
    this.#frames = []
    this.#next = 0
    this.#bytes = 0
  }

  /** Whatever came of it, every server hears the Sync. Throws a Refused when a server was lost. */
  async sync(): Promise<void> {
    const open = [...this.#open].filter(({ gone }) => !gone)
    const ended = await Promise.allSettled(open.map((branch) => branch.sync()))
    for (const end of ended) if (end.status === 'rejected') throw end.reason
  }

  /** What several shards write in one unit stands together, or not at all. */
  async #foresee(): Promise<void> {
    if (this.#crew.transaction) return
    const shards = new Set<number>()
    let several = false
    for (const [at, frame] of this.#frames.entries()) {
      const found = frame.type === bind ? await this.#routeAt(at) : null
      if (!found || found.analysis.readOnly) continue
      this.#crew.primaryOnly = true
      if (found.route.kind === 'one') shards.add(found.route.shard)
      several ||= ['several', 'rows', 'everywhere'].includes(found.route.kind) || found.analysis.kind === 'ddl'
    }
    if (several || shards.size > 1) this.#crew.within(true)
  }

  async #handle(frame: Frame, at: number): Promise<void> {
    switch (frame.type) {
      case parse:
        return this.#parse(frame, at)
      case bind:
        return this.#bind(frame, at)
      case describe:
        return frame.body[0] === 0x53 ? this.#describeStatement(frame, at) : this.#onPortal(frame)
      case execute:
        return this.#onPortal(frame)
      case close:
        return this.#close(frame)
      case flush:
        if (this.#current) this.#current.flushServer()
        await this.#settled()
        return this.#crew.flush()
      default:
        throw unsupported('this message is not possible in a sharded database')
    }
  }

  async #parse(frame: Frame, at: number): Promise<void> {
    const analysis = await this.#analysisOf(frame.body.subarray(frame.body.indexOf(0) + 1))
    if (analysis && this.#crew.transaction?.failed && !mayFollowFailure(analysis.parsed)) throw inFailed()
    if (!analysis || !isOwn(analysis)) return this.#toAny(frame, at)
    await this.#settled()
    const clientName = statementNameOf(frame) ?? ''
    const statement: Statement = {
      clientName,
      parse: Buffer.from(frame.body.subarray(clientName.length + 1)),
      effects: effectsOf(''),
      deallocates: null,
    }
    if (clientName === '') this.#crew.statements.unnamed = statement
    else this.#crew.statements.add(statement)
    this.#crew.say(encodeBackend({ kind: 'parse-complete' }))
  }

  async #bind(frame: Frame, at: number): Promise<void> {
    const message = decodeBind(frame)
    const found = await this.#routeAt(at)
    if (!found) return this.#toAny(frame, at)
    const { analysis, route, types } = found
    if (this.#crew.transaction?.failed && !mayFollowFailure(analysis.parsed)) throw inFailed()
    const portal: Portal = { analysis, route, types, bind: message, branch: null, described: false, kept: null }
    this.#portals.set(message.portal, portal)
    const shard = isOwn(analysis) ? null : route.kind === 'one' ? route.shard : route.kind === 'any' ? this.#crew.anyShard() : null
    if (shard !== null) {
      if (!analysis.readOnly) checkAlone(this.#crew.transaction, shard)
      this.#crew.about(analysis)
      portal.branch = await this.#on(shard)
      if (portal.branch.isReplica && !analysis.readOnly) throw unsupported('a write after reads before one Sync needs a transaction')
      return portal.branch.forward(frame)
    }
    await this.#settled()
    this.#crew.say(encodeBackend({ kind: 'bind-complete' }))
  }

  async #onPortal(frame: Frame): Promise<void> {
    const isExecute = frame.type === execute
    const name = frame.body.toString('utf8', isExecute ? 0 : 1, frame.body.indexOf(0, isExecute ? 0 : 1))
    const portal = this.#portals.get(name)
    if (!portal || portal.branch) return this.#onServersPortal(frame, portal ?? null, isExecute)
    await this.#settled()
    if (isExecute) return executePortal(this.#crew, portal, frame.body.readInt32BE(frame.body.length - 4))
    return describePortal(this.#crew, portal)
  }

  async #onServersPortal(frame: Frame, portal: Portal | null, isExecute: boolean): Promise<void> {
    const branch = portal?.branch ?? (await this.#on(this.#crew.anyShard()))
    if (branch !== this.#current) await this.#on(branch.shard)
    if (isExecute && portal) branch.wrote ||= !portal.analysis.readOnly
    branch.forward(frame)
    await branch.roomy()
  }

  async #close(frame: Frame): Promise<void> {
    const name = frame.body.toString('utf8', 1, frame.body.length - 1)
    const portal = frame.body[0] === 0x50 ? this.#portals.get(name) : undefined
    if (portal?.branch) return this.#onServersPortal(frame, portal, false)
    await this.#settled()
    if (frame.body[0] === 0x50) this.#portals.delete(name)
    else if (name === '') this.#crew.statements.unnamed = null
    else this.#crew.statements.delete(frame.body.toString('latin1', 1, frame.body.length - 1))
    this.#crew.say(encodeBackend({ kind: 'close-complete' }))
  }

  async #describeStatement(frame: Frame, at: number): Promise<void> {
    const parsed = this.#parseBodyFor(at, statementNameOf(frame) ?? '')
    const analysis = parsed && (await this.#analysisOf(parsed))
    if (!parsed || !analysis || !isOwn(analysis)) return this.#toAny(frame, at)
    await this.#settled()
    return describeOwn(this.#crew, analysis, typesOf(parsed))
  }

  /** Goes where the statement will be bound in this unit, or to whoever takes part already. */
  async #toAny(frame: Frame, at: number): Promise<void> {
    const name = statementNameOf(frame)
    const next = this.#frames.findIndex((one, i) => i > at && one.type === bind && statementNameOf(one) === name)
    const route = next < 0 ? null : await this.#routeAt(next, frame)
    const shard = route?.route.kind === 'one' ? route.route.shard : (this.#current?.shard ?? this.#crew.anyShard())
    const body = frame.type === parse ? frame.body.subarray(frame.body.indexOf(0) + 1) : this.#parseBodyFor(at, name ?? '')
    this.#crew.about(route?.analysis ?? (body && (await this.#analysisOf(body))))
    const branch = await this.#on(shard)
    branch.forward(frame)
    await branch.roomy()
  }

  /** The server of a shard; what went to another one before is answered first. */
  async #on(shard: number): Promise<Branch> {
    if (this.#current?.shard === shard && !this.#current.gone) return this.#current
    await this.#settled()
    const branch = await this.#crew.within(false).join(shard)
    if (!this.#open.has(branch)) branch.error = null
    branch.sink = this.#crew.pass
    this.#open.add(branch)
    this.#current = branch
    return branch
  }

  async #settled(): Promise<void> {
    const branch = this.#current
    if (!branch) return
    if (branch.connection.replies.outstanding > 0) {
      branch.flushServer()
      await branch.answered()
    }
    if (branch.skipping) throw new AlreadyTold()
  }

  async #serveCopy(): Promise<void> {
    if (this.#current?.connection.replies.copyIn) await passCopyIn(this.#crew, this.#current)
  }

  async #analysisOf(parseBody: Buffer): Promise<Analysis | null> {
    const analyses = await this.#crew.domain.book.read(textOf(parseBody))
    return analyses.length === 1 ? (analyses[0] ?? null) : null
  }

  /** Where the Bind at this place leads; null when the server has to say that there is no such statement. */
  async #routeAt(at: number, parsing?: Frame): Promise<{ analysis: Analysis; route: Route; types: number[] } | null> {
    const frame = this.#frames[at]
    if (!frame) return null
    const body = this.#parseBodyFor(at, statementNameOf(frame) ?? '', parsing)
    const analysis = body && (await this.#analysisOf(body))
    if (!body || !analysis) return null
    const types = typesOf(body)
    const values = isOwn(analysis) ? noValues : valuesOf(decodeBind(frame), types)
    return { analysis, types, route: isOwn(analysis) ? { kind: 'any' } : this.#crew.route(analysis, values) }
  }

  /** The Parse before it in this unit, or the one known from before. */
  #parseBodyFor(at: number, name: string, parsing?: Frame): Buffer | null {
    const before = this.#frames.slice(0, at).findLast((one) => one.type === parse && statementNameOf(one) === name)
    const frame = before ?? (parsing?.type === parse ? parsing : undefined)
    if (frame) return frame.body.subarray(name.length + 1)
    return this.#crew.statements.get(name)?.parse ?? null
  }
}
