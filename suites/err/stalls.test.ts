/** Clients that stop in the middle of a login: they are cut off when the time for it is over, and nothing of them stays behind. */
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { answered, encode, openProbe, openTlsProbe, type Probe } from '../../fixtures/probe.ts'
import type { Stack } from '../../stack/stack.ts'
import { wish, type Trial } from '../kit.ts'

const startupTimeoutMs = 1_500
const spec = wish({ gateway: { settings: { limits: { startupTimeoutMs } } } })

/** So much later than the limit a busy machine may be. */
const toleranceMs = 2_500
const perStage = 3

/** Goes so far with a login, and no further. */
type Stall = (stack: Stack, token: string) => Promise<Probe>

const secured = ({ door }: Stack) => openTlsProbe(door, { ca: door.ca, servername: door.servername })
const startup = ({ door }: Stack) => encode.startup({ user: 'tenant_user', database: door.database })

async function sent(opening: Promise<Probe>, bytes: Uint8Array, count: number): Promise<Probe> {
  const probe = await opening
  probe.sendPartly(bytes, count)
  return probe
}

/** The start-up packet whole, the question for the password read. */
async function asked(stack: Stack): Promise<Probe> {
  const probe = await secured(stack)
  probe.send(startup(stack))
  await probe.read()
  return probe
}

const stalls: Readonly<Record<string, Stall>> = {
  'before its first byte': ({ door }) => openProbe(door),
  'in the request for encryption': ({ door }) => sent(openProbe(door), encode.sslRequest(), 5),
  'before the TLS handshake': async ({ door }) => {
    const probe = await openProbe(door)
    await probe.askTls()
    return probe
  },
  'in the TLS handshake': async ({ door }) => {
    const probe = await openProbe(door)
    await probe.askTls()
    // The head of a ClientHello that announces more than comes.
    probe.send(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc]))
    return probe
  },
  'before the start-up packet': (stack) => secured(stack),
  'in the start-up packet': (stack) => sent(secured(stack), startup(stack), 11),
  'before the password': (stack) => asked(stack),
  'in the password': (stack, token) => sent(asked(stack), encode.password(token), 100),
}

interface Ended {
  readonly stage: string
  readonly ms: number
  readonly how: string
}

/** Stalls at a stage and waits to be cut off. */
async function stallAt(stage: string, { stack, token, scope }: Scene): Promise<Ended> {
  const probe = scope.use(await stalls[stage]!(stack, token))
  const start = performance.now()
  const how = await probe.ended(startupTimeoutMs + toleranceMs).catch((error: unknown) => (error as Error).message)
  return { stage, ms: performance.now() - start, how }
}

interface Scene {
  readonly stack: Stack
  readonly token: string
  /** Owns the connections: they stay open on our side until it ends. */
  readonly scope: AsyncDisposableStack
}

/** Sends nothing and does not hang up either when the other side does. */
async function openStubborn({ stack: { door }, scope }: Scene): Promise<Socket> {
  const socket = connect({ host: door.host, port: door.port, allowHalfOpen: true })
  scope.defer(() => void socket.destroy())
  socket.on('error', () => {}).resume()
  await new Promise((resolve) => socket.once('connect', resolve))
  return socket
}

async function descriptorsOf(stack: Stack): Promise<number> {
  return stack.can('process-figures').here ? (await stack.part('gateway-0').figures!()).descriptors : 0
}

/** The least there were within so long, or at once when they are no more than asked for. */
async function fewestDescriptors(stack: Stack, enough: number, withinMs: number): Promise<number> {
  const deadline = performance.now() + withinMs
  let fewest = Number.POSITIVE_INFINITY
  while (fewest > enough && performance.now() < deadline) {
    fewest = Math.min(fewest, await descriptorsOf(stack))
    if (fewest > enough) await sleep(100)
  }
  return fewest
}

/** One login, and then quiet: what is loaded once is not taken for a leak. */
async function descriptorsAtRest(stack: Stack, gateway: Trial<'ERR-005'>['gateway'], token: string): Promise<number> {
  await gateway.attempt(token)
  let [before, now] = [Number.NaN, await descriptorsOf(stack)]
  for (let round = 0; round < 20 && before !== now; round++) {
    await sleep(200)
    ;[before, now] = [now, await descriptorsOf(stack)]
  }
  return now
}

spec('ERR-005', async ({ stack, gateway, mint, prove, measure }) => {
  await using scope = new AsyncDisposableStack()
  const scene = { stack, token: await mint(), scope }
  const atRest = await descriptorsAtRest(stack, gateway, scene.token)
  const stages = Object.keys(stalls).flatMap((stage) => Array.from({ length: perStage }, () => stage))
  for (let count = 0; count < perStage; count++) await openStubborn(scene)
  const stalled = Promise.all(stages.map((stage) => stallAt(stage, scene)))
  const meanwhile = await gateway.attempt(scene.token)
  const during = await descriptorsOf(stack)
  const ended = await stalled
  const afterwards = await fewestDescriptors(stack, atRest, 10_000)
  measure('cut_off_last', Math.max(...ended.map(({ ms }) => ms)), 'ms')

  await prove('closed', async () => {
    for (const { stage, ms, how } of ended) {
      expect(how, `how the connection ended of a client that stops ${stage}`).toMatch(/^(closed|reset)$/)
      expect(ms, `ms until a client that stops ${stage} was cut off`).toBeGreaterThan(startupTimeoutMs / 2)
    }
    expect([meanwhile.ok, meanwhile.message], 'a login while they stall').toEqual([true, undefined])
    expect((await answered(gateway.attempt(scene.token), 'a login afterwards')).ok).toBe(true)
  })
  await prove('released', () => {
    expect(during - atRest, 'descriptors while clients stall').toBeGreaterThanOrEqual(stages.length + perStage)
    expect(afterwards - atRest, 'descriptors that stay, though no client has hung up').toBeLessThanOrEqual(0)
  })
})
