/** A program for tests that raises the default system with the router, says so, and holds it until it is told to stop. */
import { raise } from '../raise.ts'
import { defaultTopology } from '../wish.ts'

const asked = new Promise<void>((resolve) => process.once('SIGTERM', () => resolve()))
const topology = defaultTopology({ pooler: { kind: 'router' } })
await using _ = await raise(topology, { run: process.argv[2]!, provider: 'embedded', signal: AbortSignal.timeout(60_000) })
console.log('up')
await asked
