/** `token`: mints for a system that is up. */
import { readKept } from '../../stack/keep.ts'
import { listRuns } from '../../stack/sweep.ts'
import { mintFor } from '../up-token.ts'
import { mustKnow, UsageError } from '../usage.ts'

export async function token({
  tenant,
  ttl,
  claim = [],
  run,
}: {
  tenant: string
  ttl: string
  claim?: string[]
  run?: string
}): Promise<number> {
  const seconds = Number(ttl)
  if (!Number.isInteger(seconds) || seconds === 0)
    throw new UsageError(`--ttl ${ttl}: a whole number of seconds is wanted; a negative one mints a token that has ended`)
  const kept = readKept(chooseRun(run))
  console.log(await mintFor(kept, { tenant, ttlSeconds: seconds, claims: Object.fromEntries(claim.map(readClaim)) }))
  return 0
}

function chooseRun(run: string | undefined): string {
  const living = listRuns()
    .filter((one) => one.living && one.run.startsWith('up-'))
    .map((one) => one.run)
  if (run !== undefined) {
    mustKnow('system that is up', run, living)
    return run
  }
  if (living.length === 0) throw new UsageError('no system is up: `orochi-harness up` raises one')
  if (living.length > 1) throw new UsageError(`several systems are up (${living.join(', ')}): name one by --run`)
  return living[0]!
}

function readClaim(text: string): [string, unknown] {
  const at = text.indexOf('=')
  if (at < 1) throw new UsageError(`--claim ${text}: write it like email=a@b.test or level=3`)
  const value = text.slice(at + 1)
  try {
    return [text.slice(0, at), JSON.parse(value)]
  } catch {
    return [text.slice(0, at), value]
  }
}
