/** Clients that go on and on a byte at a time: each stage of a login has its time, however busy a client looks. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { encode, openProbe, type Probe } from '../../fixtures/probe.ts'
import type { Stack } from '../../stack/stack.ts'
import { wish } from '../kit.ts'
import { secured, startupOf } from './knocks.ts'

const startupTimeoutMs = 1_500
const spec = wish({ gateway: { settings: { limits: { startupTimeoutMs } } } })

/** So much later than the limit a busy machine may be. */
const toleranceMs = 5_000
const dripMs = 200
const perStage = 15

/** A client at a stage, and what it sends there little by little. */
type Begin = (stack: Stack, token: string) => Promise<{ readonly probe: Probe; readonly bytes: Buffer }>

/** The head of a ClientHello that announces more than will ever come. */
const hello = Buffer.concat([Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]), Buffer.alloc(500, 7)])

const stages: Readonly<Record<string, Begin>> = {
  'in the TLS hello': async ({ door }) => {
    const probe = await openProbe(door)
    await probe.askTls()
    return { probe, bytes: hello }
  },
  'in the start-up packet': async (stack) => ({
    probe: await secured(stack),
    bytes: startupOf(stack, { application_name: 'x'.repeat(60) }),
  }),
  'in the token': async (stack, token) => {
    const probe = await secured(stack)
    probe.send(startupOf(stack))
    await probe.read()
    return { probe, bytes: encode.password(token) }
  },
}

/** How long it was left alone; null when it was not cut off. */
async function drip({ probe, bytes }: Awaited<ReturnType<Begin>>, beganAt: number): Promise<number | null> {
  await using held = probe
  const ended = held.ended(startupTimeoutMs + toleranceMs).then(
    () => performance.now() - beganAt,
    () => null,
  )
  for (let at = 0; at < bytes.length && held.ending === null; at++) {
    held.send(bytes.subarray(at, at + 1))
    await Promise.race([ended, sleep(dripMs)])
  }
  return await ended
}

spec('SEC-131', async ({ stack, mint, gateway, measure, prove }) => {
  const token = await mint()
  const slow = Object.values(stages).flatMap((begin) =>
    Array.from({ length: perStage }, async () => {
      const client = await begin(stack, token).catch(() => null)
      return client === null ? null : await drip(client, performance.now())
    }),
  )
  const good: { readonly ok: boolean; readonly ms: number }[] = []
  while (good.length < 5 && good.every(({ ok }) => ok)) good.push(await gateway.attempt(token))
  const lives = await Promise.all(slow)
  measure('slowest good login beside slow clients', Math.max(...good.map(({ ms }) => ms)), 'ms')
  await prove('served', () => expect(good.filter(({ ok, ms }) => !ok || ms > startupTimeoutMs)).toEqual([]))
  await prove('cut-off', () => {
    expect(lives.filter((life) => life === null || life > startupTimeoutMs + toleranceMs)).toEqual([])
    expect(lives).toHaveLength(perStage * Object.keys(stages).length)
  })
})
