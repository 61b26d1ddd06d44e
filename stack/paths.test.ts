import { expect, test } from 'vitest'
import type { Running } from './launch.ts'
import { directPaths, recordedPaths } from './paths.ts'

const part = (name: string, port: number) => ({ name, addresses: { main: { host: '127.0.0.1', port } } }) as unknown as Running

test('a recorded path is known before its part is there, and the part is known by several', async () => {
  await using paths = recordedPaths()
  await paths.open('postgres-0')
  await paths.open('postgres-0', 'replication-0-1')
  expect(paths.links.map(({ target }) => target)).toEqual(['postgres-0', 'replication-0-1'])
  const [one, two] = [await paths.to('postgres-0'), await paths.to('replication-0-1')]
  expect(one.port).not.toBe(two.port)
  paths.arrived(part('postgres-0', 1))
})

test('a direct path is known once its part has arrived', async () => {
  await using paths = directPaths(new AbortController().signal)
  await paths.open('postgres-0', 'replication-0-1')
  const waiting = paths.to('replication-0-1')
  paths.arrived(part('postgres-0', 4711))
  expect(await waiting).toEqual({ host: '127.0.0.1', port: 4711 })
  expect((await paths.to('postgres-0')).port).toBe(4711)
  expect(paths.links).toEqual([])
})

test('waiting for a part that never arrives ends with the signal', async () => {
  const controller = new AbortController()
  await using paths = directPaths(controller.signal)
  const waiting = paths.to('postgres-0')
  controller.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  await expect(paths.to('postgres-0')).rejects.toThrow('enough')
})
