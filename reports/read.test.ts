import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Spec } from '../spec/load.ts'
import { flawOf } from './line-check.ts'
import { readRun, readRuns } from './read.ts'
import { exampleRun, exampleSpec } from './testing/example.ts'

let dir: string
let spec: Spec
const run = () => join(dir, 'out', 'a')
const evidence = () => join(run(), 'evidence.jsonl')

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'orochi-read-'))
  spec = exampleSpec(join(dir, 'spec'))
  exampleRun(spec, run())
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('a last line that was cut off is left out', () => {
  const whole = readRun(run()).lines
  appendFileSync(evidence(), '{"kind":"ended","en')
  expect(readRun(run()).lines).toEqual(whole)
})

test('a broken line with anything behind it is an error with its place', () => {
  const line = readRun(run()).lines.length + 1
  appendFileSync(evidence(), '{"kind":"ended","en\n')
  expect(() => readRun(run())).toThrow(`evidence.jsonl:${line}: this line is no JSON: restore the file, or remove the run`)
})

test.each([
  ['{}', 'the line.kind is none of run, stack, started'],
  ['[1]', 'the line is no record'],
  ['{"kind":"ended"}', 'ended.at is no time'],
  [
    '{"kind":"measured","at":"2026-01-01T00:00:00Z","entry":"JWT-001","attempt":1,"name":"n","value":"9","unit":"ms"}',
    'measured.value is no number',
  ],
  [
    '{"kind":"ended","at":"2026-01-01T00:00:00Z","entry":"JWT-001","attempt":1,"outcome":{"verdict":"passed"},"durationMs":1}',
    'ended.outcome.verdict is none of proved, refuted, unknown, unsupported',
  ],
  [
    '{"kind":"clause","at":"2026-01-01T00:00:00Z","entry":"JWT-001","attempt":1,"clause":"holds","outcome":{"verdict":"unknown","why":"w","reason":"bad luck"}}',
    'clause.outcome.reason is none of killed',
  ],
])('JSON that is no evidence is not believed: %s', (line, flaw) => {
  appendFileSync(evidence(), `${line}\n`)
  expect(() => readRun(run())).toThrow(flaw)
})

test('every line the example writes is evidence', () => {
  expect(
    readRun(run())
      .lines.map(flawOf)
      .filter((flaw) => flaw !== null),
  ).toEqual([])
})

test('a plan that is none is an error with its file', () => {
  writeFileSync(join(run(), 'plan.json'), '{"hash":')
  expect(() => readRun(run())).toThrow('plan.json: this is no plan')
})

test('runs are read oldest first; folders without evidence are none', () => {
  exampleRun(spec, join(dir, 'out', '0-newer'), { at: '2026-02-01T00:00:00.000Z' })
  writeFileSync(join(dir, 'out', 'allure-history.jsonl'), '')
  exampleSpec(join(dir, 'out', 'report'))
  expect(readRuns(join(dir, 'out')).map((one) => one.name)).toEqual(['a', '0-newer'])
  expect(readRuns(join(dir, 'nowhere'))).toEqual([])
})
