/** Serves cancel requests: those with a key that is good go to the pooler that knows the session; none is ever answered. */
import { Counter, type Registry } from 'prom-client'
import type { Source } from '../access/address.ts'
import type { Guest } from '../access/gate.ts'
import type { Attempt } from '../audit.ts'
import type { Door } from '../door.ts'
import { forwardCancel } from './forward.ts'
import type { CancelRoute } from './cancel-route.ts'
import type { CancelKey } from './desk.ts'

const outcomes = ['forwarded', 'lost', 'unknown', 'elsewhere', 'not_allowed', 'limited', 'in_the_clear'] as const
export type CancelOutcome = (typeof outcomes)[number]

export interface CancelTerms {
  readonly sealingKey: Buffer
  readonly inTheClear: boolean
}

export interface CancelVisit {
  readonly door: Door
  readonly attempt: Attempt
  readonly guest: Guest
}

export type ServeCancel = (key: CancelKey, visit: CancelVisit) => Promise<void>

const topic = 'cancel'

/** Resolves when there is nothing more to be done: the connection is closed then, as the only answer. */
export const serveCancel: ServeCancel = async (key, { door, attempt, guest }) => {
  const { allowed, recorded } = await guest.askToCancel()
  const result = allowed ? await judge(key, guest.source, attempt.tls !== null, door) : { outcome: 'limited' as const }
  if (allowed || recorded) tell(result, attempt, door)
  else door.cancelled('limited')
}

interface Result {
  readonly outcome: CancelOutcome
  readonly route?: CancelRoute
}

async function judge(key: CancelKey, source: Source, encrypted: boolean, door: Door): Promise<Result> {
  if (!encrypted && !door.cancel.inTheClear) return { outcome: 'in_the_clear' }
  const found = door.desk.find(key, door.cancel.sealingKey)
  if (found === null) return { outcome: 'unknown' }
  if (found.kind === 'known') return await passOn(found.route, source, door)
  door.crew.tell(topic, JSON.stringify([key.processId, key.secret.toString('hex'), source.text]), found.number)
  return { outcome: 'elsewhere' }
}

async function passOn(route: CancelRoute, source: Source, door: Door): Promise<Result> {
  if (!door.tenants.allows(route.tenant, source)) return { outcome: 'not_allowed', route }
  const pooler = door.routeMap.everywhere.poolers.find(({ address }) => address.name === route.pooler)
  if (pooler === undefined) return { outcome: 'lost', route }
  const sent = forwardCancel(route, pooler.address, door.upstreamTimeoutMs)
  return await sent.then(
    () => ({ outcome: 'forwarded', route }),
    () => ({ outcome: 'lost', route }),
  )
}

/** `of` is the session that is concerned, `session` the connection that asked. */
function tell({ outcome, route }: Result, { session, remote, tls }: Attempt, door: Door): void {
  door.cancelled(outcome)
  const concerned = route && { of: route.session, tenant: route.tenant }
  door.write('info', { event: 'cancel', outcome, session, remote, tls, ...concerned }, `cancel request: ${outcome}`)
}

/** What another process on this port was asked for, and this one may know. */
export function hearCancels(takeDoor: () => Door): Disposable {
  return takeDoor().crew.hear(topic, (text) => {
    const door = takeDoor()
    const [processId, secret, address] = JSON.parse(text) as [number, string, string]
    const [source, found] = [
      door.pieces.sourceOf(address),
      door.desk.find({ processId, secret: Buffer.from(secret, 'hex') }, door.cancel.sealingKey),
    ]
    if (source !== null && found?.kind === 'known') void passOn(found.route, source, door)
  })
}

export function countCancels(registry: Registry): (outcome: CancelOutcome) => void {
  const help = 'Cancel requests by what became of them'
  const counter = new Counter({ name: 'orochi_gateway_cancels_total', help, labelNames: ['outcome'], registers: [registry] })
  return (outcome) => counter.inc({ outcome })
}
