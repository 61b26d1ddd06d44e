import { expect, test } from 'vitest'
import type { ServerConfig } from '../config.ts'
import { chooseServer, type Choice } from './choice.ts'

const server = (role: 'primary' | 'replica', port: number): ServerConfig => ({ role, host: 'h', port, database: 'd' })
const [primary, one, two] = [server('primary', 1), server('replica', 2), server('replica', 3)]
const fit = { well: true, lagMs: 0 }

function ports(
  wish: 'read' | 'write',
  choice: Partial<Choice> & { reads?: 'any' | 'replicas'; sticky?: boolean; maxLagMs?: number | null } = {},
): number[] {
  const { reads = 'replicas', sticky = false, maxLagMs = 1000, ...further } = choice
  const split = { reads, sticky, maxLagMs, checkIntervalMs: 100 }
  return [0, 1, 2, 3].map(
    (turn) => chooseServer(wish, { servers: [primary, one, two], split, healthOf: () => fit, last: undefined, turn, ...further }).port,
  )
}

test('reads go to replicas in turn, writes to the primary', () => {
  expect(ports('read')).toEqual([2, 3, 2, 3])
  expect(ports('write')).toEqual([1, 1, 1, 1])
  expect(ports('read', { reads: 'any' })).toEqual([1, 2, 3, 1])
})

test('a replica that is ill or too far behind gets no reads; without any the primary answers', () => {
  expect(ports('read', { healthOf: (one) => (one.port === 2 ? { well: false, lagMs: 0 } : fit) })).toEqual([3, 3, 3, 3])
  expect(ports('read', { healthOf: (one) => (one.port === 2 ? { well: true, lagMs: 1001 } : fit) })).toEqual([3, 3, 3, 3])
  expect(ports('read', { maxLagMs: null, healthOf: () => ({ well: true, lagMs: Infinity }) })).toEqual([2, 3, 2, 3])
  expect(ports('read', { healthOf: () => ({ well: false, lagMs: 0 }) })).toEqual([1, 1, 1, 1])
})

test('a client keeps to its replica where that is wished, as long as it is well', () => {
  expect(ports('read', { sticky: true, last: two })).toEqual([3, 3, 3, 3])
  expect(ports('read', { sticky: true, last: two, healthOf: (one) => (one === two ? { well: false, lagMs: 0 } : fit) })).toEqual([
    2, 2, 2, 2,
  ])
})
