import { expect, test } from 'vitest'
import { Line } from './line.ts'

const never = new AbortController().signal
const late = (): Error => new Error('late')

test('serves in the order of arrival', async () => {
  const line = new Line<number>()
  const served = [line.join(1000, never, late), line.join(1000, never, late)]
  expect([line.serve(1), line.serve(2), line.serve(3)]).toEqual([true, true, false])
  expect(await Promise.all(served)).toEqual([1, 2])
})

test('who waits too long is told so and has left', async () => {
  const line = new Line<number>()
  await expect(line.join(5, never, late)).rejects.toThrow('late')
  expect(line.length).toBe(0)
})

test('who leaves is out of the line at once, and is never served', async () => {
  const line = new Line<number>()
  const leaving = new AbortController()
  const first = line.join(1000, leaving.signal, late)
  const second = line.join(1000, never, late)
  leaving.abort(new Error('gone'))
  expect(line.length).toBe(1)
  line.serve(7)
  await expect(first).rejects.toThrow('gone')
  expect(await second).toBe(7)
})

test('nobody joins who has already left', async () => {
  const line = new Line<number>()
  await expect(line.join(1000, AbortSignal.abort(new Error('gone')), late)).rejects.toThrow('gone')
  expect(line.length).toBe(0)
})

test('all can be sent away', async () => {
  const line = new Line<number>()
  const both = [line.join(1000, never, late), line.join(1000, never, late)]
  line.refuseAll(new Error('closed'))
  expect(line.length).toBe(0)
  expect((await Promise.allSettled(both)).map((one) => one.status)).toEqual(['rejected', 'rejected'])
})
