/** Runs the command in this process as a shell would, and keeps what it wrote. */
import { run } from '../run.ts'
import type { Outlet } from '../terminal.ts'

export interface Called {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface CallOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly tty?: boolean
  readonly interrupted?: AbortSignal
  readonly onOut?: (text: string) => void
}

export async function call(url: string, words: readonly string[], options: CallOptions = {}): Promise<Called> {
  const [out, err] = [collector(options.tty ?? false, options.onOut), collector(options.tty ?? false)]
  const env = { HOME: '/nonexistent', OROCHI_URL: url, OROCHI_TOKEN: 'good.token.here', ...options.env }
  const code = await run(words, { env, out, err, interrupted: options.interrupted ?? new AbortController().signal })
  return { code, out: out.text(), err: err.text() }
}

function collector(isTTY: boolean, seen: (text: string) => void = () => {}): Outlet & { text(): string } {
  let all = ''
  const write = (text: string) => {
    all += text
    seen(text)
  }
  return { isTTY, write, text: () => all }
}

export const settings = {
  enabled: true,
  mode: 'transaction',
  max_connections: 100,
  idle_timeout_seconds: 600,
  read_write_split: true,
  sharding_enabled: false,
  default_shard_count: 32,
}

export const stats = {
  active_connections: 3,
  idle_connections: 7,
  total_queries: 12345,
  queries_per_second: 41.25,
  average_latency_ms: 1.5,
  p99_latency_ms: null,
  shard_distribution: { '0': 300, '1': 100 },
}
