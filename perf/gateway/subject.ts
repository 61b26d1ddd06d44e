/** One way through which clients reach the data, as its own process: started, measured from outside, and ended. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import type { Way } from '../generator/client.ts'

export interface Subject extends AsyncDisposable {
  readonly name: string
  readonly way: Way
  /** Null: there is no process of its own in between. */
  readonly pid: number | null
}

const startMs = 20_000

/** The way there without anything in between. */
export function directSubject(name: string, way: Way): Subject {
  return { name, way, pid: null, async [Symbol.asyncDispose]() {} }
}

export async function startSubject(
  name: string,
  way: Way,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Subject> {
  const [program = '', ...argv] = command
  const child = spawn(program, argv, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } })
  let words = ''
  child.stderr.on('data', (chunk: Buffer) => (words = (words + String(chunk)).slice(-1000)))
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  const until = performance.now() + startMs
  while (!(await listens(way.host, way.port))) {
    if (child.exitCode !== null || performance.now() > until) {
      kill()
      throw new Error(`${name} does not listen on ${way.port}: ${words}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return {
    name,
    way,
    pid: child.pid ?? null,
    async [Symbol.asyncDispose]() {
      process.off('exit', kill)
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      kill()
      await gone
    },
  }
}

function listens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Processor time that all its threads have used, ms; 0 where this system does not tell. */
export function cpuMs(pid: number | null): number {
  if (pid === null || process.platform !== 'linux') return 0
  const threads = readdirSync(`/proc/${pid}/task`)
  return threads.reduce(
    (total, thread) => total + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0]) / 1e6,
    0,
  )
}

export function residentKb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
}
