import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { EvidenceLine } from '../spec/evidence.ts'
import { showProgress } from './progress.ts'
import { specification } from './project.ts'
import { followEvidence } from './telling.ts'

const spec = specification()
const entry = spec.entries.get('JWT-001')!
const dir = mkdtempSync(join(tmpdir(), 'orochi-telling-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const setting = { pooler: 'router', provider: 'embedded', topology: 't', fingerprint: 'f' } as const
const grounds = { entry: entry.digest, testFile: '', kit: '', parts: '' }
const at = '2026-01-01T00:00:00.000Z'
const started: EvidenceLine = { kind: 'started', at, entry: entry.id, attempt: 1, seed: '', setting, grounds, testFile: 'x' }
const clauses = entry.clauses.map(({ key }): EvidenceLine => ({
  kind: 'clause',
  at,
  entry: entry.id,
  attempt: 1,
  clause: key,
  outcome: { verdict: 'proved' },
}))
const ended: EvidenceLine = { kind: 'ended', at, entry: entry.id, attempt: 1, outcome: { verdict: 'proved' }, durationMs: 5 }
const text = (lines: readonly EvidenceLine[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('')

test('the verdict grows with the evidence, also when a line is cut in the middle', () => {
  const tellingOf = followEvidence(spec, dir)
  const file = join(dir, 'evidence.jsonl')
  expect(tellingOf(entry.id)).toBeNull()
  const whole = text([started, ...clauses, ended])
  appendFileSync(file, whole.slice(0, -20))
  expect(tellingOf(entry.id)?.folded).toMatchObject({ verdict: 'unknown', reason: 'killed' })
  appendFileSync(file, whole.slice(-20))
  expect(tellingOf(entry.id)).toMatchObject({ folded: { verdict: 'proved' }, surprise: null })
})

test('a second attempt is told by itself', () => {
  const tellingOf = followEvidence(spec, dir)
  appendFileSync(join(dir, 'evidence.jsonl'), text([{ ...started, attempt: 2 }]))
  expect(tellingOf(entry.id)?.folded.verdict).toBe('unknown')
})

test('progress tells the verdict, what is left, and the first failure at once', () => {
  const said: string[] = []
  const plan = { hash: '', pooler: 'router', provider: 'embedded', entries: ['JWT-001', 'JWT-002'].map(planned) }
  const progress = showProgress(plan, { say: (line) => said.push(line), color: false })
  const test_ = { id: 'JWT-001', title: 'a title', state: 'failed', ms: 1200, why: 'first line\nsecond line' } as const
  progress.told(test_, null)
  progress.told({ ...test_, id: 'JWT-002', state: 'passed' }, null)
  expect(said).toEqual([
    expect.stringMatching(/^\[1\/2\] JWT-001 +a title +failed +1\.2 s {2}about 3 s to go$/),
    '        first line\n        second line',
    expect.stringMatching(/^\[2\/2\] JWT-002 +a title +passed +1\.2 s$/),
  ])
})

function planned(id: string) {
  return { id, in: true, why: 'live', needs: [], lastMs: 3000 }
}
