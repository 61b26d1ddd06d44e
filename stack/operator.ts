/** What an operator does to a pooler, whichever it is: asks how it is, asks its admin database, has it read its files again, lets it drain. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { adminDatabase, adminUser } from './components/pgdog.ts'
import { withClient } from './components/set-up.ts'
import { HarnessError } from './harness-error.ts'
import type { Running } from './launch.ts'
import { mainPort, portOf } from './layout.ts'
import { limitMs } from './limits.ts'
import type { Operator } from './stack.ts'
import type { Topology } from './topology.ts'

/** Both poolers call it so. */
const mainFile = { pgdog: 'pgdog.toml', router: 'router.yaml' } as const
const drainSignal = { pgdog: 'SIGINT', router: 'SIGTERM' } as const

export function operatorOf(part: Running, { pooler }: Topology, adminPassword: string): Operator {
  const kind = pooler?.kind ?? 'router'
  const file = join(part.dir, mainFile[kind])
  const ask: Operator['ask'] = async (command) =>
    withClient(
      { ...mainPort(part), user: adminUser, password: adminPassword, database: adminDatabase },
      async (client) => (await client.query<Record<string, unknown>>(command)).rows,
      limitMs('pooler-answers'),
    )
  return {
    ask,
    async well() {
      try {
        return part.alive() && (await ask('SHOW VERSION')).length > 0
      } catch {
        return false
      }
    },
    async reload(change) {
      if (change) writeFileSync(file, change(readFileSync(file, 'utf8')), { mode: 0o600 })
      await ask('RELOAD')
    },
    write: (change) => writeFileSync(file, change(readFileSync(file, 'utf8')), { mode: 0o600 }),
    async drain(limit = limitMs('pooler-drains')) {
      if (part.kill === undefined) throw new HarnessError('capability-absent', `${part.name} cannot be sent signals by this provider`)
      await part.kill(drainSignal[kind])
      for (const end = Date.now() + limit; part.alive(); await sleep(20))
        if (Date.now() > end) throw new HarnessError('time-out', `${part.name} still runs ${limit} ms after it was told to drain`)
    },
    async metrics() {
      const { host, port } = portOf(part, kind === 'pgdog' ? 'metrics' : 'operations')
      return (await fetch(`http://${host}:${port}/metrics`, { signal: AbortSignal.timeout(limitMs('pooler-answers')) })).text()
    },
  }
}
