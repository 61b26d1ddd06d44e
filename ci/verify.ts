/** `npm run verify`: everything there is, on every pooler and provider that is found. */
import { detectDocker } from '../stack/providers/docker.ts'
import { checks } from './check.ts'
import { conduct, runInTurn, runSideBySide, type Step } from './steps.ts'

const minuteMs = 60_000
const harness = ['node', 'cli/bin.mjs']
const docker = await detectDocker()

const steps: readonly Step[] = [
  {
    name: 'contract tests',
    command: ['vitest', 'run', '--project', 'contract'],
    env: { OROCHI_ALLURE_RESULTS: 'out/contract/allure-results' },
    limitMs: 5 * minuteMs,
  },
  { name: 'suite', command: [...harness, 'suite', '--pooler', 'all', '--profile', 'full'], loud: true, limitMs: 30 * minuteMs },
  ...(docker.here
    ? [
        {
          name: 'suite, docker',
          command: [...harness, 'suite', '--provider', 'docker', '--profile', 'full'],
          loud: true,
          limitMs: 30 * minuteMs,
        },
      ]
    : []),
  { name: 'liars', command: [...harness, 'teeth'], loud: true, limitMs: 30 * minuteMs },
]

if (!docker.here) console.log(`without docker: ${docker.why}`)
await conduct(async (signal) => [...(await runSideBySide(checks, signal)), ...(await runInTurn(steps, signal))])
