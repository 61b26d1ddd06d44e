/** Asks one pooler's admin database, which takes simple queries only. */
import { Client } from 'pg'
import type { AskAdmin } from './reload.ts'

const answerMs = 5_000

export const askAdmin: AskAdmin = async (admin, query, signal) => {
  const client = new Client({ connectionString: admin, connectionTimeoutMillis: answerMs, query_timeout: answerMs })
  // An error beside a query ends that query, too.
  client.on('error', () => {})
  const cut = () => void client.end().catch(() => {})
  signal.throwIfAborted()
  signal.addEventListener('abort', cut, { once: true })
  try {
    await client.connect()
    return ((await client.query(query)).rows ?? []) as Readonly<Record<string, unknown>>[]
  } finally {
    signal.removeEventListener('abort', cut)
    await client.end().catch(() => {})
  }
}
