/** Free ports on the loopback address, below the range the system hands out by itself. */
import { randomInt } from 'node:crypto'
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { HarnessError } from '../harness-error.ts'

const lowest = 15_000
const highest = 32_000
const tries = 200

/** Ports given out by this process: a part may not have bound its own yet. */
const given = new Set<number>()

/** A port nobody listens on now. Another process may still take it first: whoever binds must be ready to ask again. */
export async function freePort(host: string): Promise<number> {
  for (let i = 0; i < tries; i++) {
    const port = randomInt(lowest, highest)
    if (given.has(port) || !(await isFree(host, port))) continue
    given.add(port)
    return port
  }
  throw new HarnessError(
    'port-taken',
    `no free port between ${lowest} and ${highest} on ${host} after ${tries} tries: stop what occupies them`,
  )
}

async function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

/** Whether one of the processes listens on a TCP port; null where that cannot be told (only Linux tells). */
export function listensOn(pids: readonly number[], port: number): boolean | null {
  if (process.platform !== 'linux') return null
  const sockets = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listenersIn(table, port)))
  return sockets.size === 0 ? null : pids.some((pid) => holds(pid, sockets))
}

/** A row: number, local address, remote address, state (0A listens), …, inode in the tenth place. */
function listenersIn(table: string, port: number): readonly string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  try {
    const rows = readFileSync(table, 'latin1')
      .split('\n')
      .map((row) => row.trim().split(/\s+/))
    return rows.filter((row) => row[1]?.endsWith(suffix) && row[3] === '0A').map((row) => `socket:[${row[9]}]`)
  } catch {
    return []
  }
}

function holds(pid: number, sockets: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => sockets.has(linkOf(`/proc/${pid}/fd/${fd}`)))
  } catch {
    return false
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
