/** Segments of System V shared memory that a killed process could not give back itself. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { identify, type ProcessId } from './processes.ts'

interface Segment {
  readonly id: string
  readonly creator: number
  readonly attached: number
}

/** Removes what dead processes made and nobody uses any more (Linux; elsewhere a few bytes may stay). A number in use again is left alone. */
export function sweepSharedMemory(makers: readonly ProcessId[]): void {
  const made = new Set(makers.map((maker) => maker.pid).filter((pid) => identify(pid) === null))
  if (made.size === 0) return
  for (const segment of segments()) if (segment.attached === 0 && made.has(segment.creator)) remove(segment)
}

function segments(): readonly Segment[] {
  try {
    const [head = '', ...rows] = readFileSync('/proc/sysvipc/shm', 'latin1')
      .trim()
      .split('\n')
      .map((row) => row.trim())
    const names = head.split(/\s+/)
    const field = (row: string, name: string) => row.split(/\s+/)[names.indexOf(name)] ?? ''
    return rows.map((row) => ({ id: field(row, 'shmid'), creator: Number(field(row, 'cpid')), attached: Number(field(row, 'nattch')) }))
  } catch {
    return []
  }
}

/** Somebody may have been quicker, and a machine without ipcrm keeps the segment: neither is worth an error. */
function remove({ id }: Segment): void {
  try {
    execFileSync('ipcrm', ['-m', id], { stdio: 'ignore' })
  } catch {}
}
