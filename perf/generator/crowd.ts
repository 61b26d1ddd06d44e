/** Connections that stand ready, all let in before anything is timed, and closed together. */
import { GeneratorClient, type Way } from './client.ts'
import type { Statement } from './statements.ts'

export interface Crowd extends AsyncDisposable {
  readonly clients: readonly GeneratorClient[]
  readonly statement: Statement
}

const atOnce = 25

/** `ways` are taken in turn. */
export async function openCrowd(ways: readonly Way[], count: number, statement: Statement): Promise<Crowd> {
  const clients: GeneratorClient[] = []
  const closeAll = async () => void (await Promise.all(clients.map((client) => client.close())))
  try {
    while (clients.length < count) {
      const some = Array.from({ length: Math.min(atOnce, count - clients.length) }, (_, n) =>
        GeneratorClient.open(ways[(clients.length + n) % ways.length]!),
      )
      clients.push(...(await Promise.all(some)))
    }
    await Promise.all(clients.map((client) => statement.setUp(client)))
  } catch (cause) {
    await closeAll()
    throw cause
  }
  return { clients, statement, [Symbol.asyncDispose]: closeAll }
}
