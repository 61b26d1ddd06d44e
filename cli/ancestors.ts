/** The processes this one descends from: a run ends with the npm that started it. */
import { readFileSync } from 'node:fs'
import { identify, type ProcessId } from '../stack/processes.ts'

export interface Ancestor {
  readonly process: ProcessId
  readonly command: string
}

/** The nearest first (Linux; elsewhere the parent only). */
export function ancestors(): readonly Ancestor[] {
  const found: Ancestor[] = []
  for (let pid = process.ppid; pid > 1 && found.length < 32; pid = parentOf(pid)) {
    const known = identify(pid)
    if (known === null) break
    found.push({ process: known, command: commandOf(pid) })
  }
  return found
}

function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return 0
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
  } catch {
    return ''
  }
}
