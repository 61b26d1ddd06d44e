/** A gateway as its own program, with its log kept: for what only processes show. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import type { GatewayConfig } from '../config.ts'
import { startFakeUpstream, type FakeUpstream } from './fake-upstream.ts'
import { makeConfig } from './stage.ts'

type Line = Readonly<Record<string, unknown>>

export interface Running extends AsyncDisposable {
  readonly upstream: FakeUpstream
  readonly pid: number
  readonly port: number
  readonly operations: string
  readonly file: string
  readonly lines: readonly Line[]
  /** The first line like this one, or the next `count`-th. */
  line(like: Line, count?: number): Promise<Line>
  signal(signal: NodeJS.Signals): void
  /** How it ended. */
  readonly ended: Promise<number | NodeJS.Signals | null>
}

export type RunWish = (config: GatewayConfig) => object

const program = fileURLToPath(new URL('../bin.ts', import.meta.url))
const deadlineMs = 15_000

/** Resolves when it listens. */
export async function runGateway(change: RunWish = (same) => same): Promise<Running> {
  const dir = mkdtempSync(join(tmpdir(), 'gateway-run-'))
  const upstream = await startFakeUpstream()
  const file = join(dir, 'gateway.yaml')
  writeFileSync(file, stringify(change(makeConfig(dir, { host: '127.0.0.1', port: upstream.port }))))
  const child = spawn(process.execPath, [program, '--config', file], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit').then(([code, signal]) => (signal ?? code) as number | NodeJS.Signals | null)
  const lines: Line[] = []
  const heard = new EventTarget()
  createInterface(child.stdout).on('line', (text) => {
    lines.push(JSON.parse(text) as Line)
    heard.dispatchEvent(new Event('line'))
  })
  async function line(like: Line, count = 1): Promise<Line> {
    const signal = AbortSignal.timeout(deadlineMs)
    for (;;) {
      const found = lines.filter((each) => Object.entries(like).every(([key, value]) => each[key] === value))[count - 1]
      if (found !== undefined) return found
      if (signal.aborted) throw new Error(`no line ${JSON.stringify(like)} (${count}) among ${JSON.stringify(lines)}`)
      await Promise.race([new Promise((resolve) => heard.addEventListener('line', resolve, { once: true })), aborted(signal)])
    }
  }
  const gone = ended.then((how) => {
    throw new Error(`ended instead of listening: ${how}`)
  })
  const started = (await Promise.race([line({ event: 'started', worker: undefined }), gone])) as { port: number; operationsPort: number }
  return {
    upstream,
    pid: child.pid!,
    port: started.port,
    operations: `http://127.0.0.1:${started.operationsPort}`,
    file,
    lines,
    line,
    signal: (signal) => void child.kill(signal),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
      await upstream[Symbol.asyncDispose]()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
