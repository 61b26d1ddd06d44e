/** The program under attack: started as its own process, watched for its death, its log and its memory, and started again when it dies. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync } from 'node:fs'
import { wait } from './line.ts'

export interface TargetPlan {
  readonly program: string
  readonly argv: readonly string[]
  readonly port: number
  /** No line of its output may hold one of these. */
  readonly secrets: readonly string[]
}

export interface Target extends AsyncDisposable {
  readonly port: number
  readonly pid: number
  readonly alive: () => boolean
  /** How it died, with the end of its error output. */
  readonly death: () => string
  /** What is wrong with its log, each with the client's port it belongs to (0: nobody's); taken out. */
  takeComplaints(): { readonly port: number; readonly text: string }[]
  /** Null where this system does not tell. */
  figures(): { readonly residentBytes: number; readonly descriptors: number } | null
}

const startMs = 20_000

export async function startTarget(plan: TargetPlan): Promise<Target> {
  const child = spawn(process.execPath, [plan.program, ...plan.argv], { stdio: ['ignore', 'pipe', 'pipe'] })
  const complaints: { port: number; text: string }[] = []
  let errors = ''
  watchLines(child, (text) => complaints.push(...complainOfLine(text, plan.secrets)))
  child.stderr!.on('data', (chunk: Buffer) => (errors = (errors + String(chunk)).slice(-2000)))
  const alive = () => child.exitCode === null && child.signalCode === null
  const death = () => `exit ${child.exitCode ?? child.signalCode}: ${errors.trim() || 'no words on standard error'}`
  try {
    await reached(plan.port, alive, death)
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
  return {
    port: plan.port,
    pid: child.pid!,
    alive,
    death,
    takeComplaints: () => complaints.splice(0),
    figures: () => figuresOf(child.pid!),
    async [Symbol.asyncDispose]() {
      if (!alive()) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

function watchLines(child: ChildProcess, tell: (line: string) => void): void {
  let rest = ''
  child.stdout!.on('data', (chunk: Buffer) => {
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) tell(line)
  })
}

/** A line that is no record, holds a secret, or tells of a failure nobody foresaw. */
function complainOfLine(line: string, secrets: readonly string[]): { port: number; text: string }[] {
  const record = parse(line)
  const port = Number(/:(\d+)$/.exec(typeof record?.['remote'] === 'string' ? record['remote'] : '')?.[1] ?? 0)
  const leaked = secrets.some((secret) => line.includes(secret))
  return [
    ...(leaked ? ['a secret stands in the log'] : []),
    ...(record === null ? [`a line of the log is no record: ${line.slice(0, 200)}`] : []),
    ...(record?.['reason'] === 'internal_error' ? [`an error nobody foresaw: ${String(record['detail'])}`] : []),
    ...(record !== null && record['level'] === 'error' && record['reason'] === undefined
      ? [`an error in the log: ${line.slice(0, 300)}`]
      : []),
  ].map((text) => ({ port, text }))
}

function parse(line: string): Record<string, unknown> | null {
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return null
  }
}

async function reached(port: number, alive: () => boolean, death: () => string): Promise<void> {
  const { connect } = await import('node:net')
  const until = performance.now() + startMs
  while (performance.now() < until) {
    if (!alive()) throw new Error(`the target did not start: ${death()}`)
    const socket = connect({ host: '127.0.0.1', port })
    const open = await Promise.race([once(socket, 'connect').then(() => true, () => false), wait(1000).then(() => false)]) // prettier-ignore
    socket.destroy()
    if (open) return
    await wait(25)
  }
  throw new Error(`the target did not listen on ${port} within ${startMs} ms`)
}

function figuresOf(pid: number): { residentBytes: number; descriptors: number } | null {
  try {
    const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
    return { residentBytes: kilobytes * 1024, descriptors: readdirSync(`/proc/${pid}/fd`).length }
  } catch {
    return null
  }
}
