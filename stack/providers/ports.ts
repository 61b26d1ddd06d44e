/** Free ports on the loopback address, below the range the system hands out by itself. */
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import { HarnessError } from '../harness-error.ts'

const lowest = 15_000
const highest = 32_000
const tries = 200

/** Ports given out by this process: a part may not have bound its own yet. */
const given = new Set<number>()

/** A port nobody listens on now. Another process may still take it first: whoever binds must be ready to ask again. */
export async function freePort(host: string): Promise<number> {
  for (let i = 0; i < tries; i++) {
    const port = randomInt(lowest, highest)
    if (given.has(port) || !(await isFree(host, port))) continue
    given.add(port)
    return port
  }
  throw new HarnessError(
    'port-taken',
    `no free port between ${lowest} and ${highest} on ${host} after ${tries} tries: stop what occupies them`,
  )
}

async function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}
