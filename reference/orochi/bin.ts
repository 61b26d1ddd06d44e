/** Runs the command for the shell that called it. */
import { run } from './run.ts'

const interrupted = new AbortController()
process.on('SIGINT', () => interrupted.abort()).on('SIGTERM', () => interrupted.abort())
// A reader that has seen enough, like `head`, is no failure.
process.stdout.on('error', (cause: NodeJS.ErrnoException) => process.exit(cause.code === 'EPIPE' ? 0 : 1))

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  out: process.stdout,
  err: process.stderr,
  interrupted: interrupted.signal,
})
