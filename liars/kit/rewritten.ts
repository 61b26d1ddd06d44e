/** The honest router, but what clients say is something else by the time it arrives. */
import pg from 'pg'
import { readConfig } from '../../reference/router/index.ts'
import { replaceEvery, runFronted } from './fronted.ts'

/** A text of statements, and what stands in its place; shorter ones are filled up with spaces, so that no length on the wire changes. */
export type Rewriting = readonly [text: string, by: string]

export async function runRewritten(argv: readonly string[], rewritings: readonly Rewriting[]): Promise<void> {
  await runFronted(argv, { toServer: (chunk) => rewrite(chunk, rewritings) })
}

function rewrite(chunk: Buffer, rewritings: readonly Rewriting[]): Buffer {
  return rewritings.reduce((text, [from, by]) => {
    if (by.length > from.length) throw new RangeError(`"${by}" does not fit into "${from}"`)
    return replaceEvery(text, from, by.padEnd(from.length))
  }, chunk)
}

/** Runs SQL on the first servers of some shards, past everybody, whenever a client says a certain text. */
export async function runMeddling(argv: readonly string[], said: RegExp, shards: readonly number[], sql: string): Promise<void> {
  const config = readConfig(argv[argv.indexOf('--config') + 1]!)
  const { name: user, password } = config.users[0]!
  const meddle = async (shard: number) => {
    const { host, port, database } = config.databases[0]!.shards[shard]!.servers[0]!
    const client = new pg.Client({ host, port, database, user, password })
    client.on('error', () => {})
    await client.connect()
    await client.query(sql)
    await client.end()
  }
  const look = (chunk: Buffer) => {
    // What goes wrong on the way is nobody's business.
    if (said.test(chunk.toString('latin1'))) void Promise.allSettled(shards.map(meddle))
    return chunk
  }
  await runFronted(argv, { toServer: look })
}
