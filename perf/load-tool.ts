/** Runs a load generator that is a program of others to its end. */
import { spawn } from 'node:child_process'
import { HarnessError } from '../stack/harness-error.ts'

export interface ToolRun {
  readonly program: string
  readonly argv: readonly string[]
  readonly cwd?: string
  /** All it gets to see. */
  readonly env: NodeJS.ProcessEnv
  /** It is killed then. */
  readonly limitMs: number
  readonly signal?: AbortSignal | undefined
}

const keptChars = 4000

/** Resolves to its exit code and the end of what it wrote to stderr; rejects with a HarnessError if it did not end by itself. */
export async function runTool({ program, argv, cwd, env, limitMs, signal }: ToolRun): Promise<{ code: number | null; said: string }> {
  const limit = AbortSignal.timeout(limitMs)
  const child = spawn(program, argv, {
    ...(cwd === undefined ? {} : { cwd }),
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    killSignal: 'SIGKILL',
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said = (said + chunk).slice(-keptChars)))
  const ended = Promise.withResolvers<number | null>()
  child.once('close', ended.resolve).once('error', ended.reject)
  const code = await ended.promise.catch((cause: unknown) => {
    throw new HarnessError(limit.aborted ? 'time-out' : 'tool-missing', `${program} did not end by itself: ${(cause as Error).message}`, {
      cause,
    })
  })
  return { code, said }
}
