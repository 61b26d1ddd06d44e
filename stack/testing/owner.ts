/** A program for tests that owns a run: starts two parts under a watchdog, halts one, tells about them, and waits to be killed. */
import { join } from 'node:path'
import { openLedger } from '../ledger.ts'
import { embedded } from '../providers/embedded.ts'
import { makeFolder } from '../state.ts'
import { setWatchdog } from '../watchdog.ts'
import { talker } from './launches.ts'

const ledger = openLedger(process.argv[2]!, 'worker')
setWatchdog(ledger.run)
const dir = join(ledger.dir, 'stacks', 'one')
ledger.note({ kind: 'folder', owner: process.pid, path: dir })
makeFolder(dir)
const provider = embedded(ledger, dir)
const parts = [
  await provider.start(talker('stubborn', 'ignores-sigterm'), AbortSignal.timeout(20_000)),
  await provider.start(talker('parent', 'has-child'), AbortSignal.timeout(20_000)),
]
// Halted processes must be undone like all others.
await parts[1]?.pause?.()
console.log(JSON.stringify(parts.map(({ pid }) => pid)))
setInterval(() => {}, 1_000)
