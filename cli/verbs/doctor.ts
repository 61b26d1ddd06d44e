/** `doctor`: what is here, how it was found, and how to get what is not. */
import { statfsSync } from 'node:fs'
import { machineKey } from '../../perf/environment.ts'
import { historyFile } from '../../perf/history/open.ts'
import type { Availability } from '../../spec/capability.ts'
import { detectAll } from '../../stack/detect.ts'
import { timeFactor } from '../../stack/limits.ts'
import { stateFolder, stateRoot } from '../../stack/state.ts'
import { findTool } from '../../stack/tools.ts'
import { projectRoot, versionOf } from '../project.ts'

export async function doctor({ json }: { json?: boolean }): Promise<number> {
  const npm: Availability = findTool('npm', ['--version'], 'it comes with Node')
  const found = [{ name: 'npm', found: npm }, ...(await detectAll())]
  const { bavail, bsize } = statfsSync(stateFolder())
  const machine = {
    key: machineKey(),
    harness: versionOf().text,
    node: process.version,
    state: stateRoot(),
    history: historyFile(),
    project: projectRoot,
    freeMiB: Math.round((bavail * bsize) / 1024 / 1024),
    timeFactor: Number(timeFactor().toFixed(2)),
  }
  if (json === true) {
    console.log(JSON.stringify({ machine, capabilities: Object.fromEntries(found.map(({ name, found: one }) => [name, one])) }, null, 2))
    return 0
  }
  for (const [name, value] of Object.entries(machine)) console.log(`${name.padEnd(16)} ${value}`)
  console.log('')
  for (const { name, found: one } of found) console.log(`${one.here ? 'yes' : 'no '} ${name.padEnd(16)} ${one.here ? one.how : one.why}`)
  return 0
}
