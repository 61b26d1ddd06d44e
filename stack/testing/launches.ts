/** Launches of the talker. */
import type { Launch, Running } from '../launch.ts'

export function talker(name: string, ...oddities: readonly string[]): Launch {
  return {
    name,
    kind: 'gateway',
    process: {
      program: { node: 'stack/testing/talker.ts' },
      argv: ['{port:main}', ...oddities],
      prepared: null,
      unprivileged: false,
      sign: null,
    },
    container: null,
    env: {},
    files: [],
    ports: { main: 0 },
    ready: { kind: 'http', port: 'main', path: '/' },
    startLimit: 'part-start',
    stop: { signal: 'SIGTERM', graceMs: 300 },
    clock: true,
    offers: [],
    version: 'for tests',
  }
}

export interface Told {
  readonly now: number
  readonly date: number
  readonly pid: number
  readonly env: Readonly<Record<string, string>>
}

export async function listenTo(part: Running): Promise<Told> {
  const { host, port } = part.addresses['main']!
  return (await (await fetch(`http://${host}:${port}/`, { signal: AbortSignal.timeout(2_000) })).json()) as Told
}
