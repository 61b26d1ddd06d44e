/** What a session that does nothing costs in memory, behind an upstream that pools. */
import { setTimeout as sleep } from 'node:timers/promises'
import { GeneratorClient } from '../generator/client.ts'
import { residentKb, type Subject } from './subject.ts'

export interface IdleCost {
  readonly sessions: number
  readonly kbPerSession: number
  readonly beforeKb: number
  readonly afterKb: number
}

const atOnce = 25
const warmUp = 200
/** Until the collector has done its work. */
const restMs = 3000

export async function idleCost(subject: Subject, sessions: number): Promise<IdleCost> {
  if (subject.pid === null) throw new Error(`${subject.name} has no process to look at`)
  await closeAll(await openAll(subject, warmUp))
  await sleep(restMs)
  const beforeKb = residentKb(subject.pid)
  const clients = await openAll(subject, sessions)
  await sleep(restMs)
  const afterKb = residentKb(subject.pid)
  await closeAll(clients)
  return { sessions, beforeKb, afterKb, kbPerSession: (afterKb - beforeKb) / sessions }
}

async function openAll(subject: Subject, count: number): Promise<GeneratorClient[]> {
  const clients: GeneratorClient[] = []
  while (clients.length < count) {
    const some = Array.from({ length: Math.min(atOnce, count - clients.length) }, () => GeneratorClient.open(subject.way))
    clients.push(...(await Promise.all(some)))
  }
  return clients
}

async function closeAll(clients: readonly GeneratorClient[]): Promise<void> {
  await Promise.all(clients.map((client) => client.close()))
}
