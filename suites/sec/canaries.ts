/** Pieces of tokens long enough to be known again, and places where none of them may be found. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Running } from '../../stack/launch.ts'

export interface Canary {
  readonly what: string
  readonly piece: string
}

/** The beginning and the middle of each part: whoever shows a part, or cuts one short, shows one of these. */
export function canariesOf(tokens: Readonly<Record<string, string>>): readonly Canary[] {
  return Object.entries(tokens).flatMap(([what, token]) => {
    const parts = token.split('.').filter((part) => part.length >= 24)
    return parts.flatMap((part, i) =>
      [part.slice(0, 24), part.slice(20, 60)]
        .filter((piece) => piece.length >= 20)
        .map((piece) => ({ what: `${what}, part ${i + 1}`, piece })),
    )
  })
}

/** What shows in a text, by what it is, each once. */
export function findCanaries(text: string, canaries: readonly Canary[]): readonly string[] {
  return [...new Set(canaries.filter(({ piece }) => text.includes(piece)).map(({ what }) => what))]
}

/** Everything a part has logged since a mark. */
export const logOf = (part: Running, mark = 0): string =>
  part
    .logSince(mark)
    .map(({ text }) => text)
    .join('\n')

/** What the operating system shows of a process and its children: how they were called, and with which environment. */
export function shownByProcess(part: Running): string {
  const family = [part.pid, ...childrenOf(part.pid)].filter((pid) => pid !== undefined)
  return family.flatMap((pid) => ['cmdline', 'environ', 'comm'].map((file) => readOrNothing(`/proc/${pid}/${file}`))).join('\n')
}

function childrenOf(pid: number | undefined): readonly number[] {
  return readOrNothing(`/proc/${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean).map(Number)
}

/** Files that a part has laid down or been given, but the log, which is searched apart, and the database's own. */
export function filesOf({ dir, logFile }: Running): Readonly<Record<string, string>> {
  const entries = readdirSync(dir, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile())
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).filter((path) => path !== logFile)
  return Object.fromEntries(paths.filter((path) => !path.startsWith(join(dir, 'data'))).map((path) => [path, readOrNothing(path)]))
}

/** What a part tells to whoever asks for its metrics; nothing where it has none. */
export async function metricsOf(part: Running): Promise<string> {
  const address = part.addresses['operations'] ?? part.addresses['metrics']
  if (address === undefined) return ''
  const response = await fetch(`http://${address.host}:${address.port}/metrics`, { signal: AbortSignal.timeout(5_000) })
  return await response.text()
}

/** A process may be gone by now. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
