/** Notices options that npm kept for itself, because `--` was missing before them. */
import { UsageError } from './usage.ts'

const anything = /./
/** Options of ours that mean nothing to npm, with what their values look like; null for those without. */
const ours: Readonly<Record<string, RegExp | null>> = {
  id: /^[a-z0-9]+-\d+$/i,
  priority: /^p\d$/i,
  pooler: /^(pgdog|router|all)$/i,
  provider: /^(embedded|docker)$/i,
  topology: /=|\.ya?ml$/i,
  profile: /^(quick|gate|full)$/i,
  gate: /^(run|p0|release)$/i,
  repeat: /^\d+$/,
  sample: /^\d+$/,
  ttl: /^-?\d+$/,
  part: /=/,
  claim: /=/,
  seed: anything,
  'rerun-failed': anything,
  tags: anything,
  liar: anything,
  tenant: anything,
  run: anything,
  allure: null,
  all: null,
  json: null,
}

/** Throws with the right spelling if npm swallowed one. `words` is what npm left of the command: the verb and what follows. */
export function refuseSwallowed(env: NodeJS.ProcessEnv, words: readonly string[] = []): void {
  const script = env['npm_lifecycle_event']
  if (script === undefined) return
  const taken = Object.keys(ours).filter((name) => env[variableOf(name)] !== undefined)
  if (taken.length === 0) return
  const left = words.slice(1)
  const spelled = taken.map((name) => spell(name, env[variableOf(name)] ?? '', left))
  const rest = left.map((word) => `${word} `).join('')
  throw new UsageError(
    `npm kept ${taken.map((name) => `--${name}`).join(' and ')} for itself: put -- before the options, as in \`npm run ${script} ${rest}-- ${spelled.join(' ')}\``,
  )
}

const variableOf = (name: string) => `npm_config_${name.replaceAll('-', '_')}`

/** Where npm took the option for a switch, its value is among the words that are left: it is taken from there. */
function spell(name: string, value: string, left: string[]): string {
  const form = ours[name] ?? null
  if (form === null) return `--${name}`
  if (value !== 'true' && value !== '') return `--${name} ${value}`
  const at = left.findLastIndex((word) => form.test(word))
  return at < 0 ? `--${name} <${name}>` : `--${name} ${left.splice(at, 1)[0]}`
}
