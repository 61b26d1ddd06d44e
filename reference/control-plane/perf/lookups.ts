/**
 * `node reference/control-plane/perf/lookups.ts`: how long the control plane takes to start, and how many state look-ups it answers in a second on
 * one core, as the gateway asks them: over connections that are kept, and with its credential. Client and server are processes of their own; the
 * figure on one core is the look-ups by the processor time that the server used for them, so that neighbours do not count. Prints; judges nothing.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { stringify } from 'yaml'
import { adminToken, configIn, credential } from '../testing/raise.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    clusters: { type: 'string', default: '100' },
    connections: { type: 'string', default: '16' },
  },
})
const [seconds, clusters, connections] = [values.seconds, values.clusters, values.connections].map(Number) as [number, number, number]
const warmUpSeconds = 2
const program = fileURLToPath(new URL('../bin.ts', import.meta.url))

interface Running {
  readonly port: number
  readonly pid: number
  readonly startMs: number
  /** Processor time of it. */
  readonly startUsedMs: number
  stop(): Promise<void>
}

/** From the call of the program until it listens. */
async function start(file: string): Promise<Running> {
  const startedAt = performance.now()
  const child = spawn(process.execPath, [program, '--config', file], { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface({ input: child.stdout })) {
    const { event, port } = JSON.parse(line) as { event: string; port: number }
    if (event !== 'started') continue
    const startMs = performance.now() - startedAt
    const startUsedMs = processorSeconds(child.pid!) * 1000
    child.stdout.resume()
    const stop = async () => (child.kill('SIGTERM'), void (await once(child, 'exit')))
    return { port, pid: child.pid!, startMs, startUsedMs, stop }
  }
  throw new Error('it ended before it listened')
}

/** Of a process and all its threads, in seconds; Linux counts them in hundredths. */
function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

const agent = new Agent({ keepAlive: true, maxSockets: connections })

function ask(port: number, method: string, path: string, token: string, body?: object): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method, path, headers, agent }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
    asked.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body))
  })
}

/** Each connection asks again as soon as it was answered. */
async function lookUpFor(port: number, forSeconds: number): Promise<number[]> {
  const took: number[] = []
  const until = performance.now() + forSeconds * 1000
  const lane = async () => {
    while (performance.now() < until) {
      const startedAt = performance.now()
      const id = `c-${Math.floor(Math.random() * clusters)}`
      const status = await ask(port, 'GET', `/api/v1/internal/clusters/${id}/state`, credential)
      if (status !== 200) throw new Error(`answered ${status}`)
      took.push(performance.now() - startedAt)
    }
  }
  await Promise.all(Array.from({ length: connections }, lane))
  return took.toSorted((a, b) => a - b)
}

/** Clusters whose start is refused sleep, and nobody is busy with them. */
function sleeping(config: Record<string, unknown>): Record<string, unknown> {
  const commands = { start: { argv: ['false'] }, stop: { argv: ['true'] } }
  return { ...config, times: {}, driver: { kind: 'exec', clusters: { default: { servers: ['postgres://127.0.0.1:1/none'], commands } } } }
}

const dir = mkdtempSync(join(tmpdir(), 'control-plane-perf-'))
try {
  const file = join(dir, 'control-plane.yaml')
  writeFileSync(file, stringify(configIn(dir, sleeping)))
  const first = await start(file)
  const token = await adminToken()
  for (let at = 0; at < clusters; at++) await ask(first.port, 'POST', '/api/v1/clusters', token, { id: `c-${at}` })
  for (let at = 0; at < clusters; at++)
    while ((await ask(first.port, 'POST', `/api/v1/clusters/c-${at}/suspend`, token)) !== 200) await sleep(20)
  await first.stop()
  const starts = [first.startMs]
  for (let round = 0; round < 4; round++) {
    const again = await start(file)
    starts.push(again.startMs)
    await again.stop()
  }
  const running = await start(file)
  await lookUpFor(running.port, warmUpSeconds)
  const [before, startedAt] = [processorSeconds(running.pid), performance.now()]
  const took = await lookUpFor(running.port, seconds)
  const [used, elapsed] = [processorSeconds(running.pid) - before, (performance.now() - startedAt) / 1000]
  await running.stop()
  const at = (share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))]!.toFixed(2)
  const sorted = [...starts, running.startMs].toSorted((a, b) => a - b).map((ms) => ms.toFixed(0))
  console.log(`a start uses ${running.startUsedMs.toFixed(0)} ms of processor time`)
  console.log(`start, with ${clusters} clusters in the store: ${sorted.join(', ')} ms (wanted: <= 1000)`)
  console.log(
    `look-ups: ${took.length} in ${elapsed.toFixed(1)} s, ${(took.length / elapsed).toFixed(0)}/s beside everything else that runs here`,
  )
  console.log(
    `on one core: ${(took.length / used).toFixed(0)}/s (${((used / took.length) * 1e6).toFixed(0)} µs of processor time each; wanted: >= 2000)`,
  )
  console.log(`each took: median ${at(0.5)} ms, p99 ${at(0.99)} ms, over ${connections} connections`)
} finally {
  agent.destroy()
  rmSync(dir, { recursive: true, force: true })
}
