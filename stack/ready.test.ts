import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { awaitReady, probeOf, type Ready } from './ready.ts'

const ready = (wish: Partial<Ready>): Ready => ({ what: 'it', limitMs: 5_000, probe: async () => true, hopeless: () => null, ...wish })
const never = new AbortController().signal

test('resolves once the probe says so; a probe that throws is asked again', async () => {
  let asked = 0
  const probe = async () => {
    if (++asked < 3) throw new Error('not yet')
    return true
  }
  await awaitReady(ready({ probe }), never)
  expect(asked).toBe(3)
})

test('the deadline ends the waiting and tells the last word', async () => {
  const probe = async () => Promise.reject(new Error('connection refused'))
  await expect(awaitReady(ready({ probe, limitMs: 60 }), never)).rejects.toMatchObject({
    code: 'time-out',
    message: expect.stringContaining('connection refused'),
  })
})

test('a probe that hangs does not outlive the deadline', async () => {
  const probe = () => new Promise<boolean>(() => {})
  const start = performance.now()
  await expect(awaitReady(ready({ probe, limitMs: 100 }), never)).rejects.toMatchObject({ code: 'time-out' })
  expect(performance.now() - start).toBeLessThan(1_500)
})

test('what died is not waited for', async () => {
  const hopeless = () => 'it ended with exit code 3'
  await expect(awaitReady(ready({ probe: async () => false, hopeless }), never)).rejects.toMatchObject({ code: 'part-died' })
})

test('an abort ends the waiting with its reason', async () => {
  const controller = new AbortController()
  setTimeout(() => controller.abort(new Error('enough')), 30)
  await expect(awaitReady(ready({ probe: async () => false }), controller.signal)).rejects.toThrow('enough')
})

test('the tcp probe knows an open port from a closed one', async () => {
  const server = createServer((socket) => socket.end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const probe = probeOf({ kind: 'tcp', port: 'main' }, { main: { host: '127.0.0.1', port } })
  expect(await probe(never)).toBe(true)
  await new Promise((resolve) => server.close(resolve))
  await expect(probe(never)).rejects.toThrow()
})

test('a readiness that names an unknown port is a mistake of ours', () => {
  expect(() => probeOf({ kind: 'tcp', port: 'main' }, {})).toThrow(expect.objectContaining({ code: 'bad-topology' }))
})
