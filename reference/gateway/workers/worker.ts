/** A worker process: a gateway that is started, asked and stopped by the supervisor, over the channel between them. */
import type { Gate } from '../access/gate.ts'
import type { GateAnswer } from '../access/gate-words.ts'
import { makeRemoteGate } from '../access/remote-gate.ts'
import { ConfigError } from '../config-error.ts'
import type { Crew } from '../crew.ts'
import { startGateway, type Gateway } from '../gateway.ts'
import { makeLog } from '../log.ts'
import type { Pieces } from '../pieces.ts'
import { bounds, type Answer, type Order, type Question, type Report, type Start } from './protocol.ts'

/** The worker's end of the channel. */
export interface Channel {
  send(report: Report): void
  onOrder(listener: (order: Order) => void): void
}

type Listener = (text: string, from: number) => void

/** Takes orders from now on. `end` ends the process. */
export function work(channel: Channel, replaced: Partial<Pieces>, end: (exitCode: number) => void): void {
  const listeners = new Map<string, Set<Listener>>()
  let gateway: Promise<Gateway> | null = null
  channel.onOrder((order) => {
    if (order.kind === 'start') gateway = start(order, channel, replaced, listeners, end)
    if (order.kind === 'word') listeners.get(order.topic)?.forEach((listener) => listener(order.text, order.from))
    // Whoever could not start has said so.
    if (order.kind === 'ask') void gateway?.then((ready) => reply(order.id, order.question, ready, channel)).catch(() => {})
    if (order.kind === 'drain') void gateway?.then((ready) => ready.drain(order.patienceMs)).then(() => end(0), () => end(1)) // prettier-ignore
  })
}

async function start(
  { config, port, number, size }: Start,
  channel: Channel,
  replaced: Partial<Pieces>,
  listeners: Map<string, Set<Listener>>,
  end: (exitCode: number) => void,
): Promise<Gateway> {
  const shared = config.workers.balance === 'kernel' ? { reusePort: true, exclusive: true } : {}
  try {
    const log = makeLog(config.log.level, { worker: number, pid: process.pid })
    const crew = makeCrew(channel, number, size, listeners)
    const gateway = await startGateway(config, replaced, { ...log, crew, operations: false, listening: { port, ...shared } })
    channel.send({ kind: 'up' })
    return gateway
  } catch (cause) {
    channel.send({ kind: 'failed', problem: cause instanceof ConfigError ? cause.message : String(cause) })
    end(cause instanceof ConfigError ? 78 : 70)
    throw cause
  }
}

/** Questions to the gate that are not answered yet. */
function openGate(channel: Channel): Gate {
  const waiting = new Map<number, (answer: GateAnswer | null) => void>()
  let asked = 0
  channel.onOrder((order) => {
    if (order.kind === 'gate') waiting.get(order.id)?.(order.answer)
  })
  return makeRemoteGate({
    tell: (call) => channel.send({ kind: 'gate', id: null, call }),
    ask(call) {
      const id = ++asked
      const { promise, resolve } = Promise.withResolvers<GateAnswer | null>()
      const timer = setTimeout(() => settle(null), call.op === 'seat' ? bounds.seatMs : bounds.gateMs)
      const settle = (answer: GateAnswer | null): void => {
        clearTimeout(timer)
        waiting.delete(id)
        resolve(answer)
      }
      waiting.set(id, settle)
      channel.send({ kind: 'gate', id, call })
      return promise
    },
  })
}

function makeCrew(channel: Channel, number: number, size: number, listeners: Map<string, Set<Listener>>): Crew {
  return {
    number,
    size,
    gate: openGate(channel),
    tell(topic, text, to) {
      if (Buffer.byteLength(text) > bounds.wordBytes) throw new RangeError(`a word of ${Buffer.byteLength(text)} bytes on ${topic}`)
      channel.send({ kind: 'word', topic, text, to: to ?? null })
    },
    hear(topic, listener) {
      const heard = listeners.get(topic) ?? new Set()
      listeners.set(topic, heard.add(listener))
      return { [Symbol.dispose]: () => void heard.delete(listener) }
    },
  }
}

async function reply(id: number, question: Question, gateway: Gateway, channel: Channel): Promise<void> {
  const answer = await answerTo(question, gateway).catch(() => null)
  channel.send({ kind: 'answer', id, answer })
}

async function answerTo(question: Question, gateway: Gateway): Promise<Answer | null> {
  switch (question.kind) {
    case 'request':
      return { kind: 'answered', answer: await gateway.answer(question.request) }
    case 'figures': {
      const figures = await gateway.figures()
      return JSON.stringify(figures).length > bounds.figuresBytes ? null : { kind: 'figures', figures }
    }
    case 'reload':
      await gateway.reload(() => question.config)
      return { kind: 'reloaded' }
  }
}
