import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { freePort, listensOn } from './ports.ts'

const host = '127.0.0.1'

test('no port is given out twice, and each can be bound', async () => {
  const ports = await Promise.all(Array.from({ length: 30 }, () => freePort(host)))
  expect(new Set(ports).size).toBe(30)
  for (const port of ports) {
    const server = createServer()
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen({ host, port }, resolve))
    await new Promise((resolve) => server.close(resolve))
  }
})

test('ports lie below the range the system hands out by itself', async () => {
  expect(await freePort(host)).toBeLessThan(32_768)
})

test.runIf(process.platform === 'linux')('one can tell who listens', async () => {
  const server = createServer()
  const port = await freePort(host)
  expect(listensOn([process.pid], port)).toBeNull()
  await new Promise<void>((resolve) => server.listen({ host, port }, resolve))
  expect(listensOn([process.pid], port)).toBe(true)
  expect(listensOn([process.ppid], port)).toBe(false)
  await new Promise((resolve) => server.close(resolve))
})
