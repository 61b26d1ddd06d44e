/** Asks a server a question and waits for the answer: there is no other way to know that it answers. */
import { connect } from 'node:net'
import { Client } from 'pg'

export interface Probed<T> {
  readonly value: T | null
  readonly message: string
  /** Nobody listens there. */
  readonly absent: boolean
}

/** Of the first column of the first row. */
export async function ask<T>(url: string, text: string, timeoutMs: number, signal: AbortSignal): Promise<Probed<T>> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    application_name: 'orochi-control-plane',
  })
  client.on('error', () => {})
  const stop = () => destroy(client)
  signal.addEventListener('abort', stop, { once: true })
  const timer = setTimeout(stop, timeoutMs)
  try {
    await client.connect()
    const { rows } = await client.query<unknown[]>({ text, rowMode: 'array' })
    return { value: (rows[0]?.[0] ?? null) as T | null, message: '', absent: false }
  } catch (cause) {
    const { code = '' } = cause as { readonly code?: string }
    return { value: null, message: tellOf(code), absent: code === 'ECONNREFUSED' || code === 'ENOENT' }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
    void client.end().catch(() => {})
    destroy(client)
  }
}

/** What a server says may hold names that are nobody's business: its code is enough. */
function tellOf(code: string): string {
  if (code === 'ECONNREFUSED') return 'does not listen'
  if (code === '57P03') return 'is starting up'
  return code === '' ? 'does not answer' : `does not answer (${code})`
}

function destroy(client: Client): void {
  ;(client as unknown as { readonly connection: { readonly stream: { destroy(): void } } }).connection.stream.destroy()
}

/** Whether somebody listens. */
export function listens(url: string, timeoutMs: number): Promise<boolean> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port || 5432), timeout: timeoutMs })
  const { promise, resolve } = Promise.withResolvers<boolean>()
  socket
    .on('connect', () => resolve(true))
    .on('error', () => resolve(false))
    .on('timeout', () => resolve(false))
  return promise.finally(() => socket.destroy())
}
