/** Notices options that npm kept for itself, because `--` was missing before them. */
import { UsageError } from './usage.ts'

/** Options of ours that mean nothing to npm. */
const ours = [
  'id',
  'priority',
  'pooler',
  'provider',
  'topology',
  'seed',
  'profile',
  'gate',
  'repeat',
  'rerun-failed',
  'tags',
  'part',
  'liar',
  'sample',
  'tenant',
  'ttl',
  'claim',
  'allure',
  'run',
  'all',
  'json',
] as const

/** Throws with the right spelling if npm swallowed one. `script` is the npm script that runs. */
export function refuseSwallowed(env: NodeJS.ProcessEnv): void {
  const script = env['npm_lifecycle_event']
  if (script === undefined) return
  const taken = ours.filter((name) => env[variableOf(name)] !== undefined)
  if (taken.length === 0) return
  const spelled = taken.map((name) => spell(name, env[variableOf(name)] ?? ''))
  throw new UsageError(
    `npm kept ${taken.map((name) => `--${name}`).join(' and ')} for itself: put -- before the options, as in \`npm run ${script} -- ${spelled.join(' ')}\``,
  )
}

const variableOf = (name: string) => `npm_config_${name.replaceAll('-', '_')}`

function spell(name: string, value: string): string {
  return value === 'true' || value === '' ? `--${name}` : `--${name} ${value}`
}
