/** A system raised for a measurement, with the ways into it; disposing of it undoes everything. */
import { readFileSync } from 'node:fs'
import { mint } from '../fixtures/tokens.ts'
import { openLedger } from '../stack/ledger.ts'
import { limitMs } from '../stack/limits.ts'
import { raise } from '../stack/raise.ts'
import type { Stack } from '../stack/stack.ts'
import { undoRun } from '../stack/sweep.ts'
import type { Topology } from '../stack/topology.ts'
import type { Way } from './generator/client.ts'

export interface Standing extends AsyncDisposable {
  readonly stack: Stack
  /** By the front door, with a token. */
  readonly system: Way
  /** The pooled role, straight to the server of shard 0. */
  readonly direct: Way
}

/** The token holds so long beyond the hour that everybody gets. */
export async function standUp(run: string, topology: Topology, seconds = 0): Promise<Standing> {
  await using scope = new AsyncDisposableStack()
  openLedger(run, 'main')
  scope.defer(() => undoRun(run))
  const signal = AbortSignal.timeout(limitMs('stack-start') + topology.servers * limitMs('postgres-start'))
  const stack = scope.use(await raise(topology, { run, provider: 'embedded', signal }))
  const { issuer, audience, keyId, privateKeyFile } = stack.issuer
  const issuerOfTokens = { issuer, audience, keyId, privateKeyPem: readFileSync(privateKeyFile, 'utf8') }
  const password = await mint(issuerOfTokens, { ttlSeconds: 3600 + seconds })
  const { host, port, database, ca, servername, tls } = stack.door
  const moved = scope.move()
  return {
    stack,
    system: { host, port, database, user: stack.role, password, ca: tls ? ca : null, servername },
    direct: { ...stack.app(0), ca: null },
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  }
}
