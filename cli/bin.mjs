#!/usr/bin/env node
// Starts the command under a Node that runs TypeScript as it is: this one if it can, else the project's own.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const able = major > 23 || (major === 22 && minor >= 18) || (major === 23 && minor >= 6)

if (able) {
  // A reader that has gone (`| head`) ends nothing: the run goes on and is reported on disk.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  const { main } = await import('./main.ts')
  const exitCode = await main(process.argv.slice(2))
  // After a signal something may still hold the process; the run is undone by then.
  if (exitCode > 128) process.exit(exitCode)
  process.exitCode = exitCode
} else {
  const node = join(here, '..', 'node_modules', 'node', 'bin', 'node')
  if (!existsSync(node)) {
    console.error(
      `Node ${process.versions.node} does not run TypeScript, and the project's own Node is not installed (its install script did not run): run \`npm ci\` with install scripts allowed, or use Node 24`,
    )
    process.exit(64)
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('close', (code, signal) => (signal === null ? process.exit(code ?? 70) : process.kill(process.pid, signal)))
}
