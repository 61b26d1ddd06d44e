/** Runs a k6 script of this project and reads back what it measured, target by target. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HarnessError } from '../../stack/harness-error.ts'
import { runTool } from '../load-tool.ts'
import type { K6Plan } from './plan.ts'

export interface K6Figures {
  readonly target: string
  readonly requests: number
  /** Answers other than the right one, and none at all. */
  readonly failed: number
  /** From the moment of sending: k6 knows no other clock. */
  readonly times: Float64Array
  readonly firstTrouble: string
}

export interface K6Result {
  readonly figures: readonly K6Figures[]
  /** Requests that were due when no place was free: with any, the load was not driven. */
  readonly dropped: number
  /** The thresholds that did not hold, in k6's words. */
  readonly broken: readonly string[]
  /** k6's own summary. */
  readonly summary: unknown
}

const script = join(import.meta.dirname, 'http-side.ts')
const patienceMs = 30_000
/** What k6 ends with when it ran and a threshold did not hold. */
const thresholdsBroken = 99

export async function runK6(program: string, plan: K6Plan, signal?: AbortSignal): Promise<K6Result> {
  const dir = mkdtempSync(join(tmpdir(), 'orochi-k6-'))
  try {
    await run(program, plan, dir, signal)
    const [points, summary] = [join(dir, 'points.json'), join(dir, 'summary.json')]
    if (!existsSync(points) || !existsSync(summary)) throw new HarnessError('tool-missing', `${program} left no figures behind`)
    return resultOf(plan, readFileSync(points, 'utf8'), JSON.parse(readFileSync(summary, 'utf8')) as Summary)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

async function run(program: string, plan: K6Plan, dir: string, signal?: AbortSignal): Promise<void> {
  const out = join(dir, 'points.json')
  const { code, said } = await runTool({
    program,
    argv: ['run', '--quiet', '--no-usage-report', '--address', '127.0.0.1:0', '--out', `json=${out}`, script],
    // Nothing of the user's own k6 settings, no calls home, and no build of k6 from elsewhere.
    env: {
      PATH: process.env['PATH'],
      HOME: dir,
      K6_AUTO_EXTENSION_RESOLUTION: 'false',
      PLAN: JSON.stringify(plan),
      SUMMARY: join(dir, 'summary.json'),
    },
    limitMs: plan.seconds * 1000 + plan.timeoutMs + patienceMs,
    signal,
  })
  if (code !== 0 && code !== thresholdsBroken)
    throw new HarnessError('tool-missing', `${program} ended with ${code}: ${said.trim().slice(-400)}`)
}

export interface Summary {
  readonly metrics: Readonly<
    Record<
      string,
      { readonly values: Readonly<Record<string, number>>; readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>> }
    >
  >
}

interface JsonPoint {
  readonly type: string
  readonly metric: string
  readonly data: { readonly value: number; readonly tags?: Readonly<Record<string, string>> }
}

/** `points`: one JSON object a line, as `--out json` writes them. */
export function resultOf(plan: K6Plan, points: string, summary: Summary): K6Result {
  const read = points
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JsonPoint)
    .filter((point) => point.type === 'Point')
  const figures = plan.targets.map(({ name, status }) =>
    figuresOf(
      name,
      status,
      read.filter((point) => point.data.tags?.['target'] === name),
    ),
  )
  const broken = Object.entries(summary.metrics).flatMap(([metric, { thresholds = {} }]) =>
    Object.entries(thresholds).flatMap(([condition, { ok }]) => (ok ? [] : [`${metric}: ${condition}`])),
  )
  return { figures, dropped: summary.metrics['dropped_iterations']?.values['count'] ?? 0, broken, summary }
}

function figuresOf(target: string, status: number, points: readonly JsonPoint[]): K6Figures {
  const timed = points.filter((point) => point.metric === 'http_req_duration')
  const right = timed.filter((point) => point.data.tags?.['status'] === String(status))
  const wrong = timed.find((point) => point.data.tags?.['status'] !== String(status))?.data.tags
  const trouble = wrong === undefined ? '' : wrong['error'] || `answered ${wrong['status']}`
  return {
    target,
    requests: timed.length,
    failed: timed.length - right.length,
    times: Float64Array.from(right, (point) => point.data.value),
    firstTrouble: trouble,
  }
}
