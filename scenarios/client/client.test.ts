import fc from 'fast-check'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readHistory } from '../history/read.ts'
import type { Operation, Phase } from '../history/record.ts'
import { openHistory } from '../history/write.ts'
import { resultOf, RolledBack } from './classify.ts'
import { openClient, type Deed } from './client.ts'
import type { Answer, Connect } from './driver.ts'

const lost = new Error('Connection terminated unexpectedly')
const said = (code: string) => Object.assign(new Error(`the server said ${code}`), { code })

const cases: readonly (readonly [what: string, error: Error, phase: Phase, outcome: Operation['outcome']])[] = [
  ['the answer to COMMIT is lost', lost, 'commit', 'info'],
  ['COMMIT meets a shutdown', said('57P01'), 'commit', 'info'],
  ['COMMIT is left open by a broken coordinator', said('08007'), 'commit', 'info'],
  ['COMMIT is answered with an internal error', said('XX000'), 'commit', 'info'],
  ['nobody knows, says the server', said('40003'), 'commit', 'info'],
  ['COMMIT cannot be serialized', said('40001'), 'commit', 'fail'],
  ['COMMIT is answered with ROLLBACK', new RolledBack(), 'commit', 'fail'],
  ['a deferred constraint', said('23505'), 'commit', 'fail'],
  ['a deadlock', said('40P01'), 'before-commit', 'fail'],
  ['a connection lost before COMMIT is sent', lost, 'before-commit', 'fail'],
  ['a shutdown before COMMIT is sent', said('57P01'), 'before-commit', 'fail'],
  ['nobody listens', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 'connect', 'fail'],
  ['a statement that commits by itself loses its connection', lost, 'statement', 'info'],
  ['a statement is cancelled, maybe after it was done', said('57014'), 'statement', 'info'],
  ['a duplicate key', said('23505'), 'statement', 'fail'],
  ['too many connections', said('53300'), 'statement', 'fail'],
]

test.each(cases)('%s', (_, error, phase, outcome) => {
  expect(resultOf(error, phase, 'write').outcome).toBe(outcome)
  expect(resultOf(error, phase, 'read').outcome).toBe('fail')
})

test('whatever is thrown, a lost COMMIT is never called undone', () => {
  fc.assert(
    fc.property(fc.constantFrom('08000', '08006', '08007', '57P01', '57P02', '58030', 'XX000', 'ECONNRESET', ''), (code) => {
      expect(resultOf(said(code), 'commit', 'write').outcome).toBe('info')
    }),
  )
})

const commands = (text: string): Answer => ({ command: text.toUpperCase().split(' ')[0]!, rows: [{ pid: 7, port: 5 }] })

async function perform(connect: Connect, deeds: readonly Deed[], deadlineMs = 2_000): Promise<readonly Operation[]> {
  const dir = mkdtempSync(join(tmpdir(), 'client-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const book = openHistory(join(dir, 'h.jsonl'), { scenario: '', seed: '', system: {}, checks: [], budgets: {}, facts: {} })
  const places = ['gateway-0', 'gateway-1'].map((instance) => ({ instance, config: async () => ({}) }))
  {
    await using client = openClient({ book, process: 0, places, connect, deadlineMs, serverAt: (port) => `server-${port}` })
    for (const deed of deeds) await client.perform(deed)
  }
  book.close()
  return readHistory(book.file).operations
}

const transfer: Deed = {
  load: 'l',
  kind: 'k',
  args: null,
  effect: 'write',
  act: (session) =>
    session.transaction(async () => {
      session.saw((await session.query('update')).rows)
      return 1
    }),
}

const speaking =
  (query: (text: string) => Promise<Answer>): Connect =>
  async () => ({ query, destroy: () => {}, end: async () => {} })

test('what was seen is written down, and a good connection is kept', async () => {
  let connects = 0
  const connect: Connect = async (config) => {
    connects++
    return speaking(async (text) => commands(text))(config)
  }
  const [first, second] = await perform(connect, [transfer, transfer])
  expect([first!.outcome, first!.value, first!.seen]).toEqual(['ok', 1, { instance: 'gateway-0', backends: [7], servers: ['server-5'] }])
  expect([second!.outcome, connects]).toEqual(['ok', 1])
})

test('nothing is tried twice, and a client that failed goes to the next place', async () => {
  const asked: string[] = []
  const connect = speaking(async (text) => {
    asked.push(text)
    if (text === 'commit') throw lost
    return commands(text)
  })
  const [first, second] = await perform(connect, [transfer, transfer])
  expect([first!.outcome, first!.phase, second!.seen.instance]).toEqual(['info', 'commit', 'gateway-1'])
  expect(asked).toEqual(['begin', 'update', 'commit', 'begin', 'update', 'commit'])
})

test('a COMMIT that is answered with ROLLBACK has failed', async () => {
  const [operation] = await perform(
    speaking(async (text) => (text === 'commit' ? commands('rollback') : commands(text))),
    [transfer],
  )
  expect([operation!.outcome, operation!.stuck]).toEqual(['fail', false])
})

test('who gets no answer gives up at the deadline and says so', async () => {
  const never = new Promise<Answer>(() => {})
  const [inCommit] = await perform(
    speaking((text) => (text === 'commit' ? never : Promise.resolve(commands(text)))),
    [transfer],
    50,
  )
  expect([inCommit!.outcome, inCommit!.stuck, inCommit!.message]).toEqual(['info', true, 'no answer within 50 ms'])
  const [connecting] = await perform(() => new Promise(() => {}), [transfer], 50)
  expect([connecting!.outcome, connecting!.phase, connecting!.stuck]).toEqual(['fail', 'connect', true])
})
