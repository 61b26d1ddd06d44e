import { expect, test } from 'vitest'
import { encodeBackend, frameOf, noticeMessage, errorMessage, type BackendMessage } from '../../wire/index.ts'
import { Replies, type WantKind } from './replies.ts'

const error = frameOf(errorMessage({ severity: 'ERROR', code: '22012', message: 'division by zero' }))
const notice = frameOf(noticeMessage({ severity: 'NOTICE', code: '00000', message: 'well' }))
const bare = (kind: BackendMessage['kind']): BackendMessage => ({ kind }) as BackendMessage
const ready = (status: 'I' | 'T' | 'E' = 'I'): BackendMessage => ({ kind: 'ready-for-query', status })
const complete: BackendMessage = { kind: 'command-complete', tag: 'SELECT 1' }
const copyIn: BackendMessage = { kind: 'copy-in', format: 0, columns: [] }
const row: BackendMessage = { kind: 'data-row', values: [] }

/** Records who got what, and what was undone. */
const scene = () => {
  const replies = new Replies()
  const heard: string[] = []
  return {
    replies,
    heard,
    send: (name: string, kind: WantKind): void =>
      replies.expect({
        kind,
        receive: (frame) => heard.push(`${name}${String.fromCharCode(frame.type)}`),
        undo: () => heard.push(`${name}!`),
      }),
    answer: (...messages: BackendMessage[]): void => messages.forEach((m) => replies.take(frameOf(encodeBackend(m)))),
    fail: (): void => replies.take(error),
  }
}

test('a simple query takes everything up to ReadyForQuery', () => {
  const s = scene()
  s.send('a', 'query')
  s.answer({ kind: 'row-description', columns: [] }, row, complete)
  expect(s.replies.quiet).toBe(false)
  s.answer(ready())
  expect(s.replies.quiet).toBe(true)
  expect(s.heard).toEqual(['aT', 'aD', 'aC', 'aZ'])
})

test('pipelined messages are answered in order, each to its own', () => {
  const s = scene()
  for (const [name, kind] of [
    ['p', 'parse'],
    ['b', 'bind'],
    ['d', 'describe'],
    ['e', 'execute'],
    ['s', 'sync'],
    ['q', 'query'],
  ] as const)
    s.send(name, kind)
  s.answer(bare('parse-complete'), bare('bind-complete'), bare('no-data'), complete, ready(), complete, ready())
  expect(s.heard).toEqual(['p1', 'b2', 'dn', 'eC', 'sZ', 'qC', 'qZ'])
  expect(s.replies.outstanding).toBe(0)
})

test('an error makes the server skip to Sync, and what was assumed is undone backwards', () => {
  const s = scene()
  for (const [name, kind] of [
    ['p', 'parse'],
    ['b', 'bind'],
    ['e', 'execute'],
    ['s', 'sync'],
    ['p2', 'parse'],
    ['s2', 'sync'],
  ] as const)
    s.send(name, kind)
  s.fail()
  expect(s.heard).toEqual(['e!', 'b!', 'p!', 'pE'])
  s.answer(ready(), bare('parse-complete'), ready())
  expect(s.heard.slice(4)).toEqual(['sZ', 'p21', 's2Z'])
})

test('what is sent after the error and before Sync is skipped too, a query included', () => {
  const s = scene()
  s.send('p', 'parse')
  s.fail()
  expect(s.replies.skipping).toBe(true)
  expect(s.replies.quiet).toBe(false)
  s.send('b', 'bind')
  s.send('q', 'query')
  s.send('s', 'sync')
  s.answer(ready())
  expect(s.heard).toEqual(['p!', 'pE', 'b!', 'q!', 'sZ'])
  expect(s.replies.quiet).toBe(true)
})

test('an error in a simple query does not skip', () => {
  const s = scene()
  s.send('q', 'query')
  s.send('q2', 'query')
  s.fail()
  s.answer(ready(), complete, ready())
  expect(s.heard).toEqual(['qE', 'qZ', 'q2C', 'q2Z'])
})

test('a Sync sent together with a COPY is not heard by the server', () => {
  const s = scene()
  s.send('e', 'execute')
  s.send('s', 'sync')
  s.answer(copyIn)
  expect(s.replies.copyIn).toBe(true)
  s.send('c', 'copy-end')
  s.send('s2', 'sync')
  s.answer(complete, ready())
  expect(s.heard).toEqual(['eG', 'eC', 's2Z'])
  expect(s.replies.quiet).toBe(true)
})

test('a COPY pipelined to its end is answered right', () => {
  const s = scene()
  for (const [name, kind] of [
    ['e', 'execute'],
    ['s', 'sync'],
    ['c', 'copy-end'],
    ['s2', 'sync'],
  ] as const)
    s.send(name, kind)
  s.answer(copyIn)
  expect(s.replies.copyIn).toBe(false)
  s.answer(complete, ready())
  expect(s.heard).toEqual(['eG', 'eC', 's2Z'])
  expect(s.replies.quiet).toBe(true)
})

test('a simple COPY that fails ends at ReadyForQuery, and its late end is ignored', () => {
  const s = scene()
  s.send('q', 'query')
  s.answer(copyIn)
  s.fail()
  s.send('c', 'copy-end')
  s.answer(ready())
  expect(s.heard).toEqual(['qG', 'qE', 'qZ'])
  expect(s.replies.quiet).toBe(true)
})

test('a COPY that breaks before the server has read the Sync sent with it', () => {
  const s = scene()
  s.send('e', 'execute')
  s.send('s', 'sync')
  s.answer(copyIn)
  s.fail()
  s.answer(ready())
  expect(s.heard).toEqual(['eG', 'e!', 'eE', 'sZ'])
  expect(s.replies.quiet).toBe(true)
})

test('the end of a copy that never was is passed over', () => {
  const s = scene()
  s.send('q', 'query')
  s.send('c', 'copy-end')
  s.send('q2', 'query')
  s.answer(complete, ready(), complete, ready())
  expect(s.heard).toEqual(['qC', 'qZ', 'q2C', 'q2Z'])
})

test('a message other than copy data while the server reads copy data is a violation', () => {
  const s = scene()
  s.send('q', 'query')
  s.answer(copyIn)
  expect(() => s.send('q2', 'query')).toThrow(expect.objectContaining({ name: 'ProtocolViolation' }))
})

test('notices go to who is being answered, then to who was answered last, then to nobody', () => {
  const s = scene()
  s.send('q', 'query')
  s.replies.take(notice)
  s.answer(complete, ready())
  s.replies.take(notice)
  s.replies.forgetLast()
  s.replies.take(notice)
  expect(s.heard).toEqual(['qN', 'qC', 'qZ', 'qN'])
})

test.each([ready(), complete, bare('parse-complete'), { kind: 'authentication-ok' } as const])(
  'an answer nobody waits for is a violation: %j',
  (message) => {
    const s = scene()
    expect(() => s.answer(message)).toThrow(expect.objectContaining({ name: 'ProtocolViolation' }))
  },
)

test('an answer of another kind than the one waited for is a violation', () => {
  const s = scene()
  s.send('p', 'parse')
  expect(() => s.answer(bare('bind-complete'))).toThrow(expect.objectContaining({ name: 'ProtocolViolation' }))
})
