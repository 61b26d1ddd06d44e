/** The echo in a process of its own, so that what it costs is not the generator's. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { Crowd } from '../crowd.ts'
import type { Statement } from '../statements.ts'
import { crowdAt, startEcho } from './echo.ts'

export interface ServerProcess extends AsyncDisposable {
  crowd(connections: number, statement: Statement): Promise<Crowd>
}

export async function startServer(): Promise<ServerProcess> {
  const child = fork(import.meta.filename, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const [port] = (await once(child, 'message')) as [number]
  return {
    crowd: (connections, statement) => crowdAt(port, connections, statement),
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

if (import.meta.main) {
  const echo = await startEcho()
  process.once('disconnect', () => process.exit(0))
  process.send!(echo.port)
}
