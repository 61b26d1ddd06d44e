/** A gateway that ends and starts anew to read its configuration. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'ends and starts anew to read its configuration',
  refutes: { 'TLS-007': ['no-restart'] },
} satisfies Lie

const program = fileURLToPath(new URL('../reference/gateway/bin.ts', import.meta.url))
const start = () => spawn(process.execPath, [...process.execArgv, program, ...process.argv.slice(2)], { stdio: 'inherit' })

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

if (import.meta.main) {
  let child = start()
  process.on('SIGHUP', () => void end(child).then(() => (child = start())))
  process.on('SIGTERM', () => void end(child).then(() => process.exit(0)))
}
