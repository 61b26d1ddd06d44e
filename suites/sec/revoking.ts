/** Revokes as an operator does: over the operations port, with the secret. And watches how sessions end. */
import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import type { Stack } from '../../stack/stack.ts'
import { reconfigure, type Configuration } from '../kit/reconfigure.ts'

export interface Revoker extends AsyncDisposable {
  /** What the operator shows. */
  readonly secret: string
  /** At every gateway; what each of them answered. */
  revoke(...revocations: readonly object[]): Promise<readonly { readonly status: number; readonly sessionsEnded?: number }[]>
}

export interface RevokerWish {
  readonly files?: Readonly<Record<string, string>>
  readonly apply?: (config: Configuration) => Configuration
}

/** The gateways take revocations in until it is disposed. What was revoked stays so: name nothing that others use. */
export async function letRevoke(stack: Stack, { files = {}, apply = (same) => same }: RevokerWish = {}): Promise<Revoker> {
  const secret = randomBytes(32).toString('base64')
  const change = (config: Configuration) =>
    apply({
      ...config,
      tokens: { ...(config['tokens'] as object), maxLifetimeSeconds: 7200 },
      revocation: { push: { secretFile: 'push.secret' } },
    })
  const changed = await reconfigure(stack, { files: { ...files, 'push.secret': secret }, apply: change })
  return {
    secret,
    revoke: (...revocations) =>
      Promise.all(stack.parts('gateway').map(({ addresses }) => post(addresses['operations']!, secret, revocations))),
    [Symbol.asyncDispose]: () => changed[Symbol.asyncDispose](),
  }
}

async function post({ host, port }: { readonly host: string; readonly port: number }, secret: string, revocations: readonly object[]) {
  const response = await fetch(`http://${host}:${port}/revocations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}` },
    body: JSON.stringify({ revocations }),
    signal: AbortSignal.timeout(5000),
  })
  return { status: response.status, ...((await response.json()) as { readonly sessionsEnded?: number }) }
}

/** How a session ended, and when. */
export interface End {
  readonly code: string
  readonly notices: readonly string[]
  readonly afterMs: number
}

/** Watches a session from now on; `ended` resolves when its connection is closed, or with code `goes on` after so long. */
export function watchEnd(client: pg.Client, patienceMs: number): { ended(sinceMs: number): Promise<End> } {
  const { promise, resolve } = Promise.withResolvers<number>()
  const notices: string[] = []
  let code = 'closed without a word'
  client.on('notice', (notice) => notices.push(notice.code ?? 'none'))
  client.on('error', (error: Error & { code?: string }) => (code = error.code ?? code))
  client.once('end', () => resolve(performance.now()))
  return {
    async ended(sinceMs) {
      const timer = setTimeout(() => {
        code = 'goes on'
        resolve(performance.now())
      }, patienceMs)
      const at = await promise
      clearTimeout(timer)
      return { code, notices, afterMs: at - sinceMs }
    },
  }
}
