/** A router that is started anew whenever it cannot reach a server. */
import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'starts anew when it cannot reach a server',
  refutes: { 'CHAOS-001': ['no-restart'] },
} satisfies Lie

const honest = join(import.meta.dirname, '..', 'reference', 'router', 'bin.ts')

function start(): ChildProcess {
  const child = spawn(process.execPath, [honest, ...process.argv.slice(2)], { stdio: ['ignore', 'pipe', 'inherit'] })
  createInterface({ input: child.stdout! }).on('line', (line) => {
    console.log(line)
    if (line.includes('no connection to the server')) child.kill('SIGKILL')
  })
  return child
}

if (import.meta.main) {
  let child = start()
  let over = false
  const again = () => {
    if (over) process.exit(0)
    child = start()
    child.once('exit', again)
  }
  child.once('exit', again)
  process.on('SIGTERM', () => {
    over = true
    child.kill('SIGTERM')
  })
}
