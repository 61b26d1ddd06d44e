/** A router that runs statements it finds in values, wherever they come by. */
import pg from 'pg'
import { readConfig } from '../reference/router/index.ts'
import { runFronted } from './kit/fronted.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'runs statements it finds in values, wherever they come by',
  refutes: {
    'SQLI-001': ['nothing-executed'],
    'SQLI-003': ['nothing-executed'],
    'SQLI-004': ['inert'],
    'SQLI-005': ['data'],
    'SEC-003': ['no-statement'],
  },
} satisfies Lie

const hostile = /insert into public\.hostile_witness values \(1\)/

if (import.meta.main) {
  const config = readConfig(process.argv[process.argv.indexOf('--config') + 1]!)
  const { host, port, database } = config.databases[0]!.shards[0]!.servers[0]!
  const { name: user, password } = config.users[0]!
  // Every connection closes by itself; what goes wrong on it is nobody's business.
  const runs = async (sql: string) => {
    const client = new pg.Client({ host, port, database, user, password })
    client.on('error', () => {})
    await client.connect()
    await client.query(sql)
    await client.end()
  }
  const look = (chunk: Buffer) => {
    const found = hostile.exec(chunk.toString('latin1'))?.[0]
    if (found !== undefined) void runs(found).catch(() => undefined)
    return chunk
  }
  await runFronted(process.argv, { toServer: look, toClient: look })
}
