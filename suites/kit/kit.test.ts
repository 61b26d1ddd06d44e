import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadSpec } from '../../spec/load.ts'
import { openClauses } from './clauses.ts'
import { openEvidence } from './evidence-log.ts'
import { isAlarming, readAllowances } from './log-scan.ts'
import { randomFrom, subSeed } from '../../fixtures/random.ts'
import { watchSecrets } from './secrets.ts'

const entry = loadSpec().entries.get('JWT-002')!

function withClauses(
  act: (clauses: ReturnType<typeof openClauses>, lines: () => readonly { kind: string }[]) => Promise<void>,
): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'orochi-kit-'))
  const log = openEvidence(dir)
  return act(openClauses(entry, 1, log, watchSecrets(), new Map([['reason', 'no audit log']])), () => log.lines).finally(() =>
    rmSync(dir, { recursive: true }),
  )
}

test('an assertion that fails refutes the clause; another error leaves it unknown; neither is thrown on', () =>
  withClauses(async ({ prove, outcomes }) => {
    expect(await prove('rejected', () => expect(1).toBe(2))).toBe(false)
    expect(await prove('no-claims', () => Promise.reject(new TypeError('broken')))).toBe(false)
    expect(outcomes.get('rejected')).toMatchObject([{ verdict: 'refuted' }])
    expect(outcomes.get('no-claims')).toMatchObject([{ verdict: 'unknown', reason: 'harness-error' }])
  }))

test('a clause whose capability is absent is not tried', () =>
  withClauses(async ({ prove, outcomes }) => {
    expect(
      await prove('reason', () => {
        throw new Error('tried')
      }),
    ).toBe(false)
    expect(outcomes.has('reason')).toBe(false)
  }))

test('a clause that the entry does not have is a mistake of the test', () =>
  withClauses(async ({ prove }) => {
    await expect(prove('nonsense', () => {})).rejects.toThrow('JWT-002 has no clause "nonsense"')
  }))

test('evidence is on disk as soon as it is appended', () => {
  const dir = mkdtempSync(join(tmpdir(), 'orochi-kit-'))
  const log = openEvidence(dir)
  log.append({ kind: 'measured', entry: 'JWT-002', attempt: 1, name: 'x', value: 1, unit: 'ms' })
  appendFileSync(join(dir, 'evidence.jsonl'), '')
  expect(readFileSync(join(dir, 'evidence.jsonl'), 'utf8')).toContain('"unit":"ms"')
  rmSync(dir, { recursive: true })
})

test('any part of a watched token is found and blanked, whatever surrounds it', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.constantFrom(0, 1, 2), (before, after, part) => {
      const token = `${'h'.repeat(20)}.${'p'.repeat(40)}.${'s'.repeat(43)}`
      const secrets = watchSecrets()
      secrets.watch(token, 'token')
      const text = `${before}${token.split('.')[part]}${after}`
      secrets.search(text, 'a log')
      expect(secrets.takeFound().join()).toContain('a log: token')
      secrets.search(secrets.blank(text), 'a log')
      expect(secrets.takeFound()).toEqual([])
    }),
  )
})

test.each([
  ['{"level":"warn","msg":"x"}', true],
  ['{"level":"info","msg":"ERROR: in a text"}', false],
  ['2026-11-24 09:18:24.432 UTC [123] app@orochi_0 ERROR:  relation does not exist', true],
  ['2026-11-24 09:18:24.432 UTC [123] LOG:  database system is ready', false],
  ['2026-11-24T09:18:00.110401Z  WARN pool is offline', true],
  ['2026-11-24T09:18:00.110401Z ERROR connection failed', true],
  ['2026-11-24T09:18:00.110401Z  INFO client "ERROR" connected', false],
  ["thread 'main' panicked at src/main.rs:1", true],
  ['Uncaught TypeError: x is not a function', true],
])('%s: alarming is %s', (line, expected) => {
  expect(isAlarming(line)).toBe(expected)
})

test('allowances have an end', () => {
  for (const { because, until } of readAllowances('0000-00-00'))
    expect([because.length > 10, /^\d{4}-\d\d-\d\d$/.test(until)]).toEqual([true, true])
})

test('the seed of an entry depends on the run’s seed and its id only, and repeats', () => {
  expect(subSeed('a', 'JWT-001')).toBe(subSeed('a', 'JWT-001'))
  expect(new Set([subSeed('a', 'JWT-001'), subSeed('a', 'JWT-002'), subSeed('b', 'JWT-001')]).size).toBe(3)
  const [one, two] = [randomFrom('x'), randomFrom('x')]
  for (let i = 0; i < 100; i++) {
    const value = one()
    expect(value).toBe(two())
    expect(value >= 0 && value < 1).toBe(true)
  }
})
