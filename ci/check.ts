/** `npm run check`: everything that needs no running system, side by side. */
import { conduct, runSideBySide, type Step } from './steps.ts'

const limitMs = 300_000

export const checks: readonly Step[] = [
  { name: 'types', command: ['tsc', '-p', 'tsconfig.json'], limitMs },
  { name: 'lint', command: ['eslint', '--cache', '--cache-location', 'node_modules/.cache/eslint/', '--max-warnings', '0', '.'], limitMs },
  { name: 'format', command: ['prettier', '--check', '--log-level', 'warn', '.'], limitMs },
  { name: 'arrows', command: ['node', 'ci/arrows.ts'], limitMs },
  { name: 'gates', command: ['node', 'ci/gates.ts'], limitMs },
  { name: 'spec', command: ['node', 'spec/generate.ts', '--check'], limitMs },
  { name: 'unit tests', command: ['vitest', 'run', '--project', 'unit'], limitMs },
]

if (import.meta.main) await conduct((signal) => runSideBySide(checks, signal))
