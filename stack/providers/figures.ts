/** Memory and descriptors of a process and its children, from /proc. */
import { readFileSync, readdirSync } from 'node:fs'
import { familyOf, identify } from '../processes.ts'

export interface Figures {
  readonly residentBytes: number
  readonly descriptors: number
}

/** Sums over the process and its descendants; shared memory counts once for each. Linux only. */
export function figuresOf(pid: number): Figures {
  const leader = identify(pid)
  const family = leader === null ? [] : familyOf(leader)
  return {
    residentBytes: family.reduce((sum, member) => sum + residentOf(member.pid), 0),
    descriptors: family.reduce((sum, member) => sum + descriptorsOf(member.pid), 0),
  }
}

/** A member that has just ended has no memory left. */
function residentOf(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}

function descriptorsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    return 0
  }
}
