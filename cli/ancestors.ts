/** The processes this one descends from: a run ends with the npm that started it. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { identify, type ProcessId } from '../stack/processes.ts'

export interface Ancestor {
  readonly process: ProcessId
  readonly command: string
}

const mostSteps = 32

/** The nearest first. */
export function ancestors(): readonly Ancestor[] {
  const found: Ancestor[] = []
  for (let pid = process.ppid; pid > 1 && found.length < mostSteps;) {
    const known = identify(pid)
    if (known === null) break
    const { parent, command } = process.platform === 'linux' ? fromProc(pid) : fromPs(pid)
    found.push({ process: known, command })
    pid = parent
  }
  return found
}

interface Lineage {
  readonly parent: number
  readonly command: string
}

function fromProc(pid: number): Lineage {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    return { parent, command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() }
  } catch {
    return { parent: 0, command: '' }
  }
}

function fromPs(pid: number): Lineage {
  try {
    const argv = ['-o', 'ppid=,command=', '-p', String(pid)]
    const line = execFileSync('ps', argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    const [, parent = '0', command = ''] = /^\s*(\d+)\s+(.*)/.exec(line) ?? []
    return { parent: Number(parent), command }
  } catch {
    return { parent: 0, command: '' }
  }
}
