import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { encodeFrontend, encodeStartup, ProtocolViolation } from '../wire/index.ts'
import { Inbox } from './inbox.ts'

const startup = encodeStartup({ kind: 'startup', major: 3, minor: 0, parameters: [['user', 'a']] })
const password = encodeFrontend({ kind: 'password', password: 'p' })
const behind = Buffer.from('behind')

test('messages are the same wherever the stream is split, and what follows is left', async () => {
  const all = Buffer.concat([startup, password, behind])
  for (let at = 1; at < all.length; at++) {
    const stream = new PassThrough()
    const inbox = new Inbox(stream, { mode: 'startup', maxBytes: 1000 })
    stream.write(all.subarray(0, at))
    setImmediate(() => stream.write(all.subarray(at)))
    expect((await inbox.next())?.bytes).toEqual(startup)
    inbox.mode = 'typed'
    expect((await inbox.next())?.bytes).toEqual(password)
    await new Promise((resolve) => setImmediate(resolve))
    expect(inbox.release().toString()).toBe('behind')
  }
})

test('a length beyond the cap is refused at its header', async () => {
  const stream = new PassThrough()
  const inbox = new Inbox(stream, { mode: 'typed', maxBytes: 10 })
  stream.write(Buffer.from('700000000f', 'hex'))
  await expect(inbox.next()).rejects.toThrow(ProtocolViolation)
})

test('a sender that says more than is read is held back', async () => {
  const stream = new PassThrough()
  const inbox = new Inbox(stream, { mode: 'typed', maxBytes: 1000 })
  stream.write(password)
  await inbox.next()
  for (let i = 0; i < 20; i++) stream.write(Buffer.alloc(16_384))
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(stream.isPaused()).toBe(true)
  expect(inbox.pending).toBeLessThan(100_000)
})

test('the end is null, and is told once nothing is left', async () => {
  const stream = new PassThrough()
  const inbox = new Inbox(stream, { mode: 'typed', maxBytes: 1000 })
  let gone = 0
  inbox.onGone = () => gone++
  stream.end(password)
  expect((await inbox.next())?.bytes).toEqual(password)
  expect(await inbox.next()).toBeNull()
  expect(gone).toBeGreaterThan(0)
})
