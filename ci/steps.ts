/** Runs commands as named steps: one line each with its time, and the output of those that fail. */
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'

const projectRoot = resolve(import.meta.dirname, '..')

export interface Step {
  readonly name: string
  readonly command: readonly string[]
  /** Shows the output as it comes. */
  readonly loud?: boolean
  readonly env?: Readonly<Record<string, string>>
  readonly limitMs: number
}

export interface StepResult {
  readonly name: string
  readonly exitCode: number
  readonly output: string
  readonly ms: number
}

export async function runStep({ name, command, loud = false, env = {}, limitMs }: Step): Promise<StepResult> {
  const start = performance.now()
  const [program = '', ...argv] = command
  const child = spawn(program, argv, {
    cwd: projectRoot,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: limitMs,
    killSignal: 'SIGTERM',
  })
  const chunks: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      if (loud) process.stdout.write(chunk)
    })
  }
  const exitCode = await new Promise<number>((done) => child.once('error', () => done(127)).once('close', (code) => done(code ?? 124)))
  return { name, exitCode, output: Buffer.concat(chunks).toString(), ms: performance.now() - start }
}

/** Runs steps side by side and tells of each as it ends. */
export async function runSideBySide(steps: readonly Step[]): Promise<readonly StepResult[]> {
  return Promise.all(steps.map((step) => runStep(step).then(tell)))
}

/** Runs steps one after the other; the rest goes on when one fails. */
export async function runInTurn(steps: readonly Step[]): Promise<readonly StepResult[]> {
  const results: StepResult[] = []
  for (const step of steps) {
    console.log(`\n== ${step.name}`)
    results.push(tell(await runStep(step), step))
  }
  return results
}

function tell(result: StepResult, step?: Step | number): StepResult {
  const good = result.exitCode === 0
  console.log(`${good ? 'ok    ' : 'FAILED'} ${result.name.padEnd(16)} ${(result.ms / 1000).toFixed(1)} s`)
  if (!good && !(typeof step === 'object' && step.loud)) console.log(result.output.split('\n').slice(-60).join('\n'))
  return result
}

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** What a step's own closing lines count; a step without any counts as one. */
export function countsOf(result: StepResult): Counts {
  const closing = [...result.output.matchAll(/^(\d+) passed, (\d+) failed, (\d+) skipped$/gm)].at(-1)
  const counts =
    closing === undefined
      ? vitestCounts(result.output)
      : { passed: Number(closing[1]), failed: Number(closing[2]), skipped: Number(closing[3]) }
  if (counts === null) return { passed: result.exitCode === 0 ? 1 : 0, failed: result.exitCode === 0 ? 0 : 1, skipped: 0 }
  return result.exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

function vitestCounts(output: string): Counts | null {
  const line = /^\s+Tests\s+(.*)$/m.exec(output.replaceAll(/\u001b\[[0-9;]*m/g, ''))?.[1]
  if (line === undefined) return null
  const count = (word: string) => Number(new RegExp(`(\\d+) ${word}`).exec(line)?.[1] ?? 0)
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') }
}

/** The sum, as the closing line that every run of ours ends with; exit code 1 if anything failed or nothing passed. */
export function close(results: readonly StepResult[]): void {
  const sum = results
    .map(countsOf)
    .reduce((a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }), {
      passed: 0,
      failed: 0,
      skipped: 0,
    })
  console.log(`\n${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`)
  process.exitCode = sum.failed === 0 && sum.passed > 0 ? 0 : 1
}
