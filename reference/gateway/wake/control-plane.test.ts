import { expect, test } from 'vitest'
import { startControlPlane, type Reply } from '../testing/control-plane.ts'
import { openControlPlane } from './control-plane.ts'

async function ask(reply: Reply, timeoutMs = 2000) {
  await using plane = await startControlPlane(() => reply)
  const { state } = openControlPlane({ base: plane.base, ca: null, token: 'secret', timeoutMs })
  const outcome = await state('acme', new AbortController().signal).catch((cause: Error) => cause)
  return { outcome, asked: plane.asked, tokens: plane.tokens }
}

test('a question goes to the path of the interface, with the token, and the answer is read', async () => {
  const { outcome, asked, tokens } = await ask({ code: 200, status: 'suspended', headers: { 'retry-after': '2' } })
  expect(outcome).toEqual({ status: 'suspended', ready: false, retryAfterMs: 2000 })
  expect([asked, tokens]).toEqual([['GET acme state'], ['Bearer secret']])
})

test.each<[string, Reply, { hopeless: boolean; retryAfterMs: number | null }]>([
  ['no such cluster', { code: 404 }, { hopeless: true, retryAfterMs: null }],
  ['a token it does not know', { code: 401 }, { hopeless: true, retryAfterMs: null }],
  ['a redirect', { code: 302, headers: { location: 'http://127.0.0.1:1/' } }, { hopeless: true, retryAfterMs: null }],
  ['a failure', { code: 500 }, { hopeless: false, retryAfterMs: null }],
  ['a failure that will pass', { code: 503, headers: { 'retry-after': '1' } }, { hopeless: false, retryAfterMs: 1000 }],
  ['a wait without end', { code: 503, headers: { 'retry-after': '999999' } }, { hopeless: false, retryAfterMs: 30_000 }],
  ['too many questions', { code: 429 }, { hopeless: false, retryAfterMs: null }],
  ['no JSON', { code: 200, body: '<html>' }, { hopeless: false, retryAfterMs: null }],
  ['another shape', { code: 200, body: '{"state":{"status":1}}' }, { hopeless: false, retryAfterMs: null }],
  ['an answer without end', { code: 200, body: ' '.repeat(70_000) }, { hopeless: false, retryAfterMs: null }],
])('%s is a trouble', async (_what, reply, expected) => {
  const { outcome } = await ask(reply)
  expect(outcome).toMatchObject({ name: 'ControlPlaneTrouble', ...expected })
})

test('no answer is a trouble within its time', async () => {
  const { outcome } = await ask({ code: 200, silent: true }, 100)
  expect(outcome).toMatchObject({ message: 'it did not answer in time', hopeless: false })
})

test('nobody there is a trouble', async () => {
  const { state } = openControlPlane({ base: 'http://127.0.0.1:1', ca: null, token: null, timeoutMs: 1000 })
  await expect(state('acme', new AbortController().signal)).rejects.toThrow('ECONNREFUSED')
})
