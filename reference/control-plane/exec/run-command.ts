/** Runs one command to its end, or cuts it off. */
import { spawn } from 'node:child_process'
import { ProvisionerError } from '../provisioner.ts'

export interface CommandTerms {
  readonly what: string
  readonly argv: readonly string[]
  readonly timeoutMs: number
  readonly environment: Readonly<Record<string, string>>
  /** JSON, on its standard input. */
  readonly input: string
  readonly signal: AbortSignal
}

/** By sysexits.h: what may succeed later. */
const tempFail = 75
const keptBytes = 8192

/** Exit 0: done. Exit 75: may succeed later. What it said on stderr is in the error's cause, for the log. */
export async function runCommand({
  what,
  argv: [program = '', ...args],
  timeoutMs,
  environment,
  input,
  signal,
}: CommandTerms): Promise<void> {
  if (signal.aborted) throw new ProvisionerError(`${what}: was called off`, { retryable: true })
  // A group of its own, so that what it started can be cut off with it.
  const child = spawn(program, args, { env: environment, stdio: ['pipe', 'ignore', 'pipe'], detached: true })
  const ended = Promise.withResolvers<ProvisionerError | null>()
  let said = ''
  let cutOff: string | null = null
  const cut = (why: string) => {
    cutOff ??= why
    killGroup(child.pid)
    // Whoever left the group may hold our pipe: that is no reason to wait.
    child.stderr.destroy()
    child.unref()
    ended.resolve(new ProvisionerError(`${what}: ${why}`, { retryable: true, cause: new Error(said) }))
  }
  const timer = setTimeout(cut, timeoutMs, `did not end within ${timeoutMs} ms and was cut off`)
  const stop = () => cut('was called off')
  signal.addEventListener('abort', stop, { once: true })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said = (said + chunk).slice(-keptBytes)))
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  child.on('error', (cause) => ended.resolve(new ProvisionerError(`${what}: ${program} cannot be run`, { retryable: false, cause })))
  child.on('exit', (code, killedBy) => ended.resolve(outcomeOf(what, code, killedBy, () => said)))
  const trouble = await ended.promise
  clearTimeout(timer)
  signal.removeEventListener('abort', stop)
  if (trouble !== null) throw trouble
}

function outcomeOf(what: string, code: number | null, killedBy: string | null, said: () => string): ProvisionerError | null {
  if (code === 0) return null
  const how = code === null ? `was ended by ${killedBy}` : `ended with ${code}`
  return new ProvisionerError(`${what}: ${how}`, { retryable: code === null || code === tempFail, cause: new Error(said()) })
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // It is gone already.
  }
}
