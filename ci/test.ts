/** `npm test`: the checks, the contract tests, the quick profile, and a seeded sample of liars. */
import { findPgdog } from '../stack/components/pgdog-binary.ts'
import { checks } from './check.ts'
import { conduct, runInTurn, runSideBySide, type Step } from './steps.ts'

const minuteMs = 60_000
const harness = ['node', 'cli/bin.mjs']
/** Both poolers are tried where PgDog is at hand: the router is the meaning, PgDog the system. */
const poolers = findPgdog() === null ? ['router'] : ['router', 'pgdog']

const steps: readonly Step[] = [
  { name: 'contract tests', command: ['vitest', 'run', '--project', 'contract'], limitMs: 8 * minuteMs },
  ...poolers.map((pooler): Step => ({
    name: `suite on ${pooler}`,
    command: [...harness, 'suite', '--pooler', pooler],
    loud: true,
    limitMs: 10 * minuteMs,
  })),
  {
    name: 'fuzz',
    command: ['node', 'fuzz/run.ts', '--seconds', '6', '--seed', process.env['OROCHI_FUZZ_SEED'] ?? '1'],
    limitMs: 2 * minuteMs,
  },
  {
    name: 'liars',
    command: [...harness, 'teeth', '--sample', '5', '--seed', process.env['OROCHI_TEETH_SEED'] ?? '1'],
    loud: true,
    limitMs: 5 * minuteMs,
  },
]

await conduct(async (signal) => [...(await runSideBySide(checks, signal)), ...(await runInTurn(steps, signal))])
