import { expect, test } from 'vitest'
import { countsOf, runStep } from './steps.ts'

const idle = new AbortController().signal
const result = (output: string, exitCode = 0) => ({ name: 'x', exitCode, output, ms: 0 })

test.each([
  ['1 passed, 2 failed, 3 skipped\n', 1, { passed: 1, failed: 2, skipped: 3 }],
  ['1 passed, 0 failed, 0 skipped\n5 passed, 0 failed, 1 skipped\n', 0, { passed: 5, failed: 0, skipped: 1 }],
  ['5 passed, 0 failed, 1 skipped\n', 2, { passed: 5, failed: 1, skipped: 1 }],
  ['\u001b[2m      Tests \u001b[22m \u001b[31m1 failed\u001b[39m | 4 passed (5)\n', 1, { passed: 4, failed: 1, skipped: 0 }],
  ['', 0, { passed: 1, failed: 0, skipped: 0 }],
  ['', 1, { passed: 0, failed: 1, skipped: 0 }],
])('%j with exit code %i counts as %j', (output, exitCode, counts) => {
  expect(countsOf(result(output, exitCode))).toEqual(counts)
})

const node = (script: string, limitMs = 20_000) => ({ name: 'x', command: [process.execPath, '-e', script], limitMs })

test('a step has its exit code and its output; a program that is not there counts as failed', async () => {
  expect(await runStep(node('console.log("hello"); process.exit(3)'), idle)).toMatchObject({ exitCode: 3, output: 'hello\n' })
  expect((await runStep({ name: 'x', command: ['no-such-program'], limitMs: 1_000 }, idle)).exitCode).toBe(127)
})

test('a step over its limit is ended and never good', async () => {
  expect((await runStep(node('setInterval(() => {}, 1000)', 300), idle)).exitCode).not.toBe(0)
})

test('the signal ends a step', async () => {
  const controller = new AbortController()
  const step = runStep(node('console.log("up"); setInterval(() => {}, 1000)'), controller.signal)
  setTimeout(() => controller.abort(), 300)
  expect((await step).exitCode).not.toBe(0)
})
