import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compareSides } from '../perf/history/compare.ts'
import { findSide } from '../perf/history/find.ts'
import { exampleResult } from '../perf/history/testing/example.ts'
import type { EvidenceLine } from '../spec/evidence.ts'
import { comparisonText, numberText } from './comparison-text.ts'
import { openFullHistory } from './figures.ts'

const folder = mkdtempSync(join(tmpdir(), 'orochi-figures-'))
beforeAll(() => void (process.env['OROCHI_HISTORY'] = join(folder, 'history.sqlite')))
afterAll(() => {
  delete process.env['OROCHI_HISTORY']
  rmSync(folder, { recursive: true, force: true })
})

const out = join(folder, 'out')
const settingOf = (fingerprint: string) => ({ pooler: 'router', provider: 'embedded', topology: 'shards=1', fingerprint }) as const

/** A run that was killed right after its figures. */
function leaveRun(name: string, at: string, effect: number, fingerprint = 'f0f0f0f0f0f0f0f0'): void {
  const setting = settingOf(fingerprint)
  const dir = join(out, name)
  mkdirSync(join(dir, 'attachments'), { recursive: true })
  writeFileSync(join(dir, 'attachments/x.json'), JSON.stringify(exampleResult(effect)))
  const grounds = { entry: '', testFile: '', kit: '', parts: '' }
  const path = 'attachments/x.json'
  const of = { entry: 'PERF-002', attempt: 1, at }
  const first = { version: '0.1.0+1a2b3c4', dirty: false, seed: 's', command: '', profile: 'quick', plan: '', liar: null }
  const lines: EvidenceLine[] = [
    { kind: 'run', at, run: name, ...first, machine: { key: 'aaaaaaaaaaaa' } },
    { kind: 'stack', at, setting, versions: { 'pooler-0': 'router' }, settings: '' },
    { kind: 'started', ...of, seed: '', setting, grounds, testFile: '' },
    { kind: 'attached', ...of, name: 'in-time.query_overhead.measured.json', path, sha256: '' },
    { kind: 'measured', ...of, name: 'rss', value: 30, unit: 'MB' },
  ]
  for (const line of lines) appendFileSync(join(dir, 'evidence.jsonl'), `${JSON.stringify(line)}\n`)
}

test('the figures of every run on disk reach the history, killed or not, and are compared in words', () => {
  for (const at of [1, 2, 3, 4]) leaveRun(`before-${at}`, `2026-11-0${at}T00:00:00.000Z`, 1 + at / 100)
  leaveRun('after', '2026-11-09T00:00:00.000Z', 1.5, 'abababababababab')
  using history = openFullHistory(out)
  const comparison = compareSides(history, findSide(history, 'before-'), findSide(history, 'after'))
  const told = comparisonText(comparison)
  expect(told).toMatch(
    /PERF-002 in-time query_overhead router +ms +1\.03 +1\.50 +\+0\.475 \(\+46 %\) +\[\+0\.3\d+, \+0\.\d+\] +regression\n/,
  )
  expect(told).toMatch(/PERF-002 rss router +MB +30\.0 +30\.0 .*noise: the interval holds zero/)
  expect(told).toMatch(/regression: 1 regression, 1 noise$/)
})

test('numbers keep the digits that count', () => {
  expect([0, 0.001234, 0.1234, 1.234, 12.34, 1234.5, -0.5].map((value) => numberText(value))).toEqual([
    '0',
    '0.00123',
    '0.123',
    '1.23',
    '12.3',
    '1235',
    '-0.500',
  ])
})
