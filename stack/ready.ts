/** Waiting as a value: a condition, a deadline, and a reason to give up early. */
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { HarnessError, asHarnessError } from './harness-error.ts'
import type { Address, Readiness } from './launch.ts'

export interface Ready {
  readonly what: string
  readonly limitMs: number
  /** True once it is so; a throw counts as not yet. */
  readonly probe: (signal: AbortSignal) => Promise<boolean>
  /** Why waiting longer is useless, or null. */
  readonly hopeless: () => string | null
}

const pauseMs = 20
const probeLimitMs = 2_000

/** Resolves once ready; throws `time-out` or `part-died` with the last thing the probe said. */
export async function awaitReady(ready: Ready, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + ready.limitMs
  let last = 'nothing'
  for (;;) {
    if (signal.aborted) throw givenUp(ready.what, signal.reason)
    const died = ready.hopeless()
    if (died !== null) throw new HarnessError('part-died', `${ready.what}: ${died}`)
    const leftMs = deadline - Date.now()
    if (leftMs <= 0)
      throw new HarnessError('time-out', `${ready.what} was not ready within ${ready.limitMs} ms; the last probe said: ${last}`)
    try {
      if (await once(ready.probe, AbortSignal.any([signal, AbortSignal.timeout(Math.min(leftMs, probeLimitMs))]))) return
    } catch (error) {
      last = (error as Error).message
    }
    await sleep(pauseMs)
  }
}

function givenUp(what: string, reason: unknown): HarnessError {
  const { code, message } = asHarnessError(reason, 'stack-did-not-rise')
  return new HarnessError(code, `${what} was given up before it was ready: ${message}`, { cause: reason })
}

/** The probe's answer, or a throw when the signal fires first, whether the probe heeds it or not. */
function once(probe: Ready['probe'], signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('no answer in time')), { once: true })
    probe(signal).then(resolve, reject)
  })
}

/** The probe that a Readiness describes, against the addresses a part got. */
export function probeOf(readiness: Readiness, addresses: Readonly<Record<string, Address>>): Ready['probe'] {
  const address = addresses[readiness.port]
  if (address === undefined) throw new HarnessError('bad-topology', `there is no port called "${readiness.port}"`)
  if (readiness.kind === 'tcp') return (signal) => answersTcp(address, signal)
  if (readiness.kind === 'http')
    return async (signal) => (await fetch(`http://${address.host}:${address.port}${readiness.path}`, { signal })).ok
  return async () => answersSql(address, readiness)
}

async function answersTcp({ host, port }: Address, signal: AbortSignal): Promise<boolean> {
  const socket = connect({ host, port, signal })
  try {
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    return true
  } finally {
    socket.destroy()
  }
}

async function answersSql(address: Address, login: Readiness & { kind: 'postgres' }): Promise<boolean> {
  const client = new pg.Client({
    ...address,
    user: login.user,
    password: login.password,
    database: login.database,
    connectionTimeoutMillis: probeLimitMs,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query(login.query)
    return true
  } finally {
    await client.end().catch(() => {})
  }
}
