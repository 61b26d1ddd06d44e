import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Body } from './testing/raise.ts'

const program = fileURLToPath(new URL('testing/slow-plane.ts', import.meta.url))
let dir: string
let children: ChildProcess[] = []
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'control-plane-recovery-'))))
afterEach(async () => {
  for (const child of children) if (child.exitCode === null && child.signalCode === null) (child.kill('SIGKILL'), await once(child, 'exit'))
  children = []
  rmSync(dir, { recursive: true, force: true })
})

interface Plane {
  readonly child: ChildProcess
  ask(method: string, path: string, body?: object): Promise<{ readonly status: number; readonly body: Body }>
}

async function start(resumeMs: number): Promise<Plane> {
  const child = spawn(process.execPath, [program, dir, String(resumeMs)], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  for await (const line of createInterface({ input: child.stdout! })) {
    const said = JSON.parse(line) as { port?: number; token?: string }
    if (said.port === undefined || said.token === undefined) continue
    child.stdout!.resume()
    return { child, ask: asker(said.port, said.token) }
  }
  throw new Error('it ended before it listened')
}

function asker(port: number, token: string): Plane['ask'] {
  return async (method, path, body) => {
    const headers = { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/clusters${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: (await response.json()) as Body }
  }
}

async function kill({ child }: Plane): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

const stateOf = async (plane: Plane) => (await plane.ask('GET', '/acme/status')).body['state']
const until = (plane: Plane, state: string) => expect.poll(() => stateOf(plane), { timeout: 30_000 }).toBe(state)
const calls = () => readFileSync(join(dir, 'calls'), 'utf8').trim().split('\n')

test('killed in the midst of a waking: the next one goes on with the same operation, without being asked', async () => {
  const first = await start(0)
  await first.ask('POST', '', { id: 'acme' })
  await until(first, 'active')
  await first.ask('POST', '/acme/suspend')
  await until(first, 'suspended')
  await kill(first)
  const second = await start(60_000)
  const before = calls().length
  const accepted = second.ask('POST', '/acme/wake').catch(() => null)
  await expect.poll(() => calls().slice(before), { timeout: 30_000 }).toContain('resume acme')
  const { body } = await second.ask('GET', '/acme/status')
  expect(body).toMatchObject({ state: 'waking', operation: { kind: 'wake', attempt: 1 } })
  await kill(second)
  await accepted
  const third = await start(0)
  await until(third, 'active')
  const { body: history } = await third.ask('GET', '/acme/events')
  const events = history['events'] as { kind: string; operation_id: string }[]
  const operation = (body['operation'] as { id: string }).id
  expect(events.filter(({ operation_id: own }) => own === operation).map(({ kind }) => kind)).toEqual([
    'wake.requested',
    'state.changed',
    'wake.completed',
    'state.changed',
  ])
})

test('killed at any moment of suspending and waking, it ends in a state that is true', async () => {
  const first = await start(0)
  await first.ask('POST', '', { id: 'acme' })
  await until(first, 'active')
  let plane = first
  for (const order of ['/acme/suspend', '/acme/wake', '/acme/suspend']) {
    const asked = plane.ask('POST', order).catch(() => null)
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 40))
    await kill(plane)
    await asked
    plane = await start(0)
    await expect.poll(() => stateOf(plane), { timeout: 30_000 }).toMatch(/^(active|suspended)$/)
    const { body } = await plane.ask('GET', '/acme/status')
    expect(body['is_ready']).toBe(body['state'] === 'active')
  }
})

test('of two on one store the second refuses orders and answers questions; it takes over when the first is killed', async () => {
  const first = await start(0)
  await first.ask('POST', '', { id: 'acme' })
  await until(first, 'active')
  const second = await start(0)
  expect(await stateOf(second)).toBe('active')
  expect(await second.ask('POST', '/acme/suspend')).toMatchObject({ status: 503, body: { type: 'urn:orochi:problem:not-leading' } })
  expect(await stateOf(first)).toBe('active')
  await kill(first)
  await expect.poll(async () => (await second.ask('POST', '/acme/suspend')).status, { timeout: 30_000 }).toBe(202)
  await until(second, 'suspended')
})
