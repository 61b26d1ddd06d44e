/** Runs and figures made up for tests. */
import type { MeasuredResult } from '../../result.ts'
import type { RecordedFigure, RecordedRun, RecordedSystem } from '../record.ts'

export function exampleRun(name: string, more: Partial<RecordedRun> = {}): RecordedRun {
  return {
    name,
    at: '2026-11-24T10:00:00.000Z',
    version: '0.1.0+1a2b3c4',
    dirty: false,
    seed: 'a',
    profile: 'quick',
    machine: 'aaaaaaaaaaaa',
    standIn: null,
    environment: null,
    ...more,
  }
}

export function exampleSystem(fingerprint = 'f0f0f0f0f0f0f0f0'): RecordedSystem {
  return { setting: { pooler: 'pgdog', provider: 'embedded', topology: 'shards=1', fingerprint }, versions: { pooler: 'PgDog v0.1.54' } }
}

export function exampleResult(effect: number, more: Partial<MeasuredResult> = {}): MeasuredResult {
  return {
    version: 1,
    id: 'PERF-002',
    clause: 'in-time',
    metric: 'query_overhead',
    unit: 'ms',
    comparison: 'difference',
    budget: { op: '<', value: 2, unit: 'ms', percentile: 99 },
    at: '2026-11-24T10:00:00.000Z',
    rounds: 14,
    looks: 1,
    arms: [],
    blocks: [],
    effect,
    interval: { low: effect - 0.1, high: effect + 0.1, level: 0.95 },
    smallestVisibleEffect: 0.05,
    generator: null,
    conditions: {
      load: '1500 simple queries/s',
      topology: 'shards=1',
      pooler: 'pgdog',
      profile: 'quick',
      seed: 'a',
      machine: { id: 'aaaaaaaaaaaa', cores: 2, model: 'EPYC', loadAtStart: 0.1, stealShare: 0, foreignShare: 0 },
    },
    verdict: { verdict: 'proved', why: 'below' },
    ...more,
  }
}

export function exampleFigure(told: RecordedFigure['told'], more: Partial<RecordedFigure> = {}): RecordedFigure {
  return { system: exampleSystem(), entry: 'PERF-002', attempt: 1, at: '2026-11-24T10:00:00.000Z', told, ...more }
}
