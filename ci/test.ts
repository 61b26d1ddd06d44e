/** `npm test`: the checks, the quick profile on each pooler, faults on the one under test, the contract tests, a seeded sample of liars. Figures and long faults are for `npm run verify`. */
import { findPgdog } from '../stack/components/pgdog-binary.ts'
import { checks } from './check.ts'
import { conduct, runInTurn, runSideBySide, type Step } from './steps.ts'

const minuteMs = 60_000
const suite = ['node', 'cli/bin.mjs', 'suite']
/** Both poolers are tried where PgDog is at hand: the router is the meaning, PgDog the system. */
const poolers = findPgdog() === null ? (['router'] as const) : (['router', 'pgdog'] as const)
const underTest = poolers.at(-1) ?? 'router'

/** No verdict of these depends on how busy the machine is, so they need not wait for one another. */
const suites = poolers.map((pooler): Step => ({
  name: `suite on ${pooler}`,
  command: [...suite, '--pooler', pooler, '--tags', 'not (kind/chaos or kind/perf)'],
  limitMs: 12 * minuteMs,
}))

const steps: readonly Step[] = [
  {
    name: `faults on ${underTest}`,
    command: [...suite, '--pooler', underTest, '--tags', 'suite/2pc or suite/rec'],
    loud: true,
    limitMs: 12 * minuteMs,
  },
  { name: 'contract tests', command: ['vitest', 'run', '--project', 'contract'], limitMs: 8 * minuteMs },
  {
    name: 'fuzz',
    command: ['node', 'fuzz/run.ts', '--seconds', '6', '--seed', process.env['OROCHI_FUZZ_SEED'] ?? '1'],
    limitMs: 2 * minuteMs,
  },
  {
    name: 'liars',
    command: ['node', 'cli/bin.mjs', 'teeth', '--sample', '5', '--seed', process.env['OROCHI_TEETH_SEED'] ?? '1'],
    loud: true,
    limitMs: 5 * minuteMs,
  },
]

await conduct(async (signal) => [
  ...(await runSideBySide(checks, signal)),
  ...(await runSideBySide(suites, signal)),
  ...(await runInTurn(steps, signal)),
])
