/** How a client speaks Postgres: `pg`, one connection, nothing that is tried twice. A liar may bring a driver of its own. */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import pg from 'pg'

export interface Answer {
  readonly command: string
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

export interface Connection {
  query(text: string, values?: readonly unknown[]): Promise<Answer>
  /** Takes the connection away under whatever waits for it. */
  destroy(): void
  /** Says goodbye. */
  end(): Promise<void>
}

export type Connect = (config: pg.ClientConfig) => Promise<Connection>

export async function connectPg(config: pg.ClientConfig): Promise<Connection> {
  const client = new pg.Client(config)
  client.on('error', () => {})
  const destroy = () => socketOf(client)?.destroy()
  try {
    await client.connect()
  } catch (error) {
    destroy()
    throw error
  }
  return {
    async query(text, values) {
      const { command, rows } = await client.query<Record<string, unknown>>(text, values === undefined ? undefined : [...values])
      return { command, rows }
    },
    destroy,
    end: () => client.end(),
  }
}

/** The driver has no verb for it. */
function socketOf(client: pg.Client): { destroy(): void } | undefined {
  return (client as unknown as { connection?: { stream?: { destroy(): void } } }).connection?.stream
}

/** The driver of a program, which exports `connect`; null: the plain one. */
export async function driverOf(program: string | undefined): Promise<Connect> {
  if (program === undefined) return connectPg
  const { connect } = (await import(pathToFileURL(resolve(program)).href)) as { connect: Connect }
  return connect
}
