/** Runs commands as named steps: one line each with its time, and the output of those that fail. */
import { spawn, type ChildProcess } from 'node:child_process'
import { resolve } from 'node:path'
import { holdLeash } from '../cli/leash.ts'

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

/** Asked to stop, a step gets so long before it is killed. */
const graceMs = 20_000

/** Runs one step. When the signal fires it is asked to end, and its exit code is what it then says. */
export async function runStep({ name, command, loud = false, env = {}, limitMs }: Step, signal: AbortSignal): Promise<StepResult> {
  const start = performance.now()
  const [program = '', ...argv] = command
  const child = spawn(program, argv, {
    cwd: projectRoot,
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const chunks: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      if (loud) process.stdout.write(chunk)
    })
  }
  using _ = endIn(child, limitMs, signal)
  const exitCode = await new Promise<number>((done) => child.once('error', () => done(127)).once('close', (code) => done(code ?? 124)))
  return { name, exitCode, output: Buffer.concat(chunks).toString(), ms: performance.now() - start }
}

/** Asks a child to end at its limit or when the signal fires, and kills it if it does not. */
function endIn(child: ChildProcess, limitMs: number, signal: AbortSignal): Disposable {
  const timers: NodeJS.Timeout[] = []
  const end = () => {
    child.kill('SIGTERM')
    timers.push(setTimeout(() => child.kill('SIGKILL'), graceMs))
  }
  timers.push(setTimeout(end, limitMs))
  if (signal.aborted) end()
  signal.addEventListener('abort', end, { once: true })
  return {
    [Symbol.dispose]() {
      for (const timer of timers) clearTimeout(timer)
      signal.removeEventListener('abort', end)
    },
  }
}

/** Runs steps side by side and tells of each as it ends. */
export async function runSideBySide(steps: readonly Step[], signal: AbortSignal): Promise<readonly StepResult[]> {
  return Promise.all(steps.map((step) => runStep(step, signal).then((result) => tell(result, false))))
}

/** Runs steps one after the other; the rest goes on when one fails, and is left out when the signal has fired. */
export async function runInTurn(steps: readonly Step[], signal: AbortSignal): Promise<readonly StepResult[]> {
  const results: StepResult[] = []
  for (const step of steps) {
    if (signal.aborted) break
    console.log(`\n== ${step.name}`)
    results.push(tell(await runStep(step, signal), step.loud === true))
  }
  return results
}

/** `shown`: its output has been seen already. */
function tell(result: StepResult, shown: boolean): StepResult {
  const good = result.exitCode === 0
  console.log(`${good ? 'ok    ' : 'FAILED'} ${result.name.padEnd(16)} ${(result.ms / 1000).toFixed(1)} s`)
  if (!good && !shown) console.log(result.output.split('\n').slice(-60).join('\n'))
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

/** Does some work in steps, and closes with the sum. Ends early when it is asked to, or when the npm that started it is gone. */
export async function conduct(work: (signal: AbortSignal) => Promise<readonly StepResult[]>): Promise<void> {
  using leash = holdLeash()
  close(await work(leash.signal))
  if (leash.signal.aborted) process.exitCode = Number(leash.signal.reason)
}

/** The closing line that every run of ours ends with; exit code 1 if anything failed or nothing passed. */
function close(results: readonly StepResult[]): void {
  const counts = results.map(countsOf)
  const sum = (word: keyof Counts) => counts.reduce((total, one) => total + one[word], 0)
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`)
  process.exitCode = sum('failed') === 0 && sum('passed') > 0 ? 0 : 1
}
