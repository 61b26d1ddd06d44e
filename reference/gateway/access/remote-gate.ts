/** The gate as a worker has it: all workers of a port share the one of their supervisor, so that what is counted is counted once. */
import { Refusal } from '../reasons.ts'
import type { Source } from './address.ts'
import type { Gate, Guest } from './gate.ts'
import type { GateAnswer, GateCall } from './gate-words.ts'

export interface GateChannel {
  /** Null when there is no answer in time. */
  ask(call: GateCall): Promise<GateAnswer | null>
  tell(call: GateCall): void
}

export function makeRemoteGate(channel: GateChannel): Gate {
  let guests = 0
  const enter = async (op: 'arrive' | 'header', source: Source): Promise<{ readonly guest: number; readonly answer: GateAnswer }> => {
    const guest = ++guests
    try {
      return { guest, answer: await askFor(channel, { op, guest, source }) }
    } catch (cause) {
      channel.tell({ op: 'leave', guest })
      throw cause
    }
  }
  return {
    async awaitHeader(proxy) {
      const { guest } = await enter('header', proxy)
      return once(() => channel.tell({ op: 'leave', guest }))
    },
    async arrive(source) {
      const { guest, answer } = await enter('arrive', source)
      return guestOf(guest, source, answer.kind === 'arrived' && answer.objection, channel)
    },
  }
}

function guestOf(guest: number, source: Source, objection: boolean, channel: GateChannel): Guest {
  return {
    source,
    async welcome() {
      if (objection) await askFor(channel, { op: 'welcome', guest })
    },
    async beginHandshake() {
      await askFor(channel, { op: 'handshake', guest })
      return once(() => channel.tell({ op: 'handshaken', guest }))
    },
    async askToCancel() {
      const answer = await askFor(channel, { op: 'cancel', guest })
      return answer.kind === 'cancel' ? answer : { allowed: false, recorded: false }
    },
    refused: (failure) => channel.tell({ op: 'refused', guest, failure }),
    async seat(tenant, places) {
      await askFor(channel, { op: 'seat', guest, tenant, places })
    },
    ...once(() => channel.tell({ op: 'leave', guest })),
  }
}

async function askFor(channel: GateChannel, call: GateCall): Promise<GateAnswer> {
  const answer = await channel.ask(call)
  if (answer === null) throw new Refusal('internal_error', { detail: 'the supervisor does not answer', silent: true })
  if (answer.kind === 'refused') throw new Refusal(answer.reason, answer.notes)
  return answer
}

function once(act: () => void): Disposable {
  let done = false
  return {
    [Symbol.dispose]() {
      if (!done) act()
      done = true
    },
  }
}
