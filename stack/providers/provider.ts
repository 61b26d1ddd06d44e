/** Picks the provider by name; one that is not here says why. */
import { HarnessError } from '../harness-error.ts'
import type { Provider } from '../launch.ts'
import type { Ledger } from '../ledger.ts'
import { embedded } from './embedded.ts'

/** Loads the docker provider only when it is asked for: its packages are large. */
export async function providerOf(name: 'embedded' | 'docker', ledger: Ledger, dir: string): Promise<Provider> {
  if (name === 'embedded') return embedded(ledger, dir)
  const { detectDocker, docker } = await import('./docker.ts')
  const found = await detectDocker()
  if (!found.here) throw new HarnessError('provider-absent', `provider docker: ${found.why}`)
  return docker(ledger, dir)
}
