import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { errorMessage, frameOf } from '../../wire/index.ts'
import { effectsOf } from '../sql/effects.ts'
import { ServerStatements } from '../server/server-statements.ts'
import { readError, withClientNames } from './answers.ts'
import { Keys } from './keys.ts'
import { Outbox } from './outbox.ts'
import { ClientStatements } from './statements.ts'

test('the outbox gives every byte once, in order, however the pieces lie in memory', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(90), fc.nat(10)), { minLength: 1 }), (spans) => {
      const memory = Buffer.from(Array.from({ length: 100 }, (_, i) => i))
      const outbox = new Outbox()
      const pieces = spans.map(([start, length]) => memory.subarray(start, start + length))
      for (const piece of pieces) outbox.push(piece)
      expect(outbox.take()).toEqual(Buffer.concat(pieces))
      expect(outbox.empty).toBe(true)
    }),
  )
})

test('a key is found by exactly its number and secret, until it is forgotten', () => {
  const keys = new Keys<string>()
  const key = keys.mint('ann', 32)
  expect(key.secret).toHaveLength(32)
  expect(keys.find(key)).toBe('ann')
  expect(keys.find({ ...key, secret: key.secret.subarray(1) })).toBeNull()
  expect(keys.find({ ...key, secret: Buffer.alloc(32) })).toBeNull()
  keys.forget(key.processId)
  expect(keys.find(key)).toBeNull()
})

const statement = (clientName: string) => ({ clientName, parse: Buffer.from('select 1\0\0\0'), effects: effectsOf(''), deallocates: null })

test('a client that prepares without end is stopped', () => {
  const statements = new ClientStatements()
  for (let i = 0; i < 10_000; i++) statements.add(statement(`s${i}`))
  expect(() => statements.add(statement('more'))).toThrow(expect.objectContaining({ sqlstate: '54000', severity: 'FATAL' }))
  statements.delete('s0')
  expect(() => statements.add(statement('more'))).not.toThrow()
})

test('a server keeps the statements used last', () => {
  const onServer = new ServerStatements()
  for (const name of ['a', 'b', 'c', 'a']) onServer.add(name)
  expect(onServer.excess(4)).toBeNull()
  expect(onServer.excess(3)).toBe('b')
})

test('an error speaks of a statement as the client called it', () => {
  const serverName = `orochi_${'0'.repeat(40)}`
  const error = errorMessage({ severity: 'ERROR', code: '42P05', message: `prepared statement "${serverName}" already exists` })
  const renamed = frameOf(withClientNames(error, (name) => (name === serverName ? '$& mine' : null)))
  expect(renamed.bytes.readInt32BE(1)).toBe(renamed.bytes.length - 1)
  expect(renamed.bytes.includes('prepared statement "$& mine" already exists')).toBe(true)
  expect(readError(renamed)).toEqual({ sqlstate: '42P05', fatal: false })
  expect(withClientNames(error, () => null)).toBe(error)
})
