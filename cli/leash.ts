/** Ends the run when it is asked to stop, or when the npm (or the launcher) that started it has died without a word. */
import { isAlive } from '../stack/processes.ts'
import { ancestors } from './ancestors.ts'

const pollMs = 250
/** npm calls itself by its title, or is run by node; our launcher is run by a node too old for TypeScript. */
const holding = /^npm\b|npm-cli|^\S*node\S* \S*(orochi-harness|cli\/bin\.mjs)( |$)/

export interface Leash extends Disposable {
  /** Fires once; its reason is the exit code. */
  readonly signal: AbortSignal
}

const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
const signals = Object.keys(exitCodes) as (keyof typeof exitCodes)[]

/** npm says so to the scripts it runs, and to all that they start. */
function startedByNpm(env: NodeJS.ProcessEnv): boolean {
  return env['npm_lifecycle_event'] !== undefined && /^npm\//.test(env['npm_config_user_agent'] ?? '')
}

/** Asked a second time, the process exits at once: the watchdog undoes what is left. */
export function holdLeash(): Leash {
  const controller = new AbortController()
  const onSignal = (name: NodeJS.Signals) => {
    const exitCode = exitCodes[name as keyof typeof exitCodes]
    if (controller.signal.aborted) process.exit(exitCode)
    controller.abort(exitCode)
  }
  const holders = ancestors().filter(({ command }) => holding.test(command))
  // npm may have been killed while we were still loading.
  const orphaned = holders.length === 0 && startedByNpm(process.env)
  const timer = setInterval(() => {
    if (!orphaned && holders.every(({ process: holder }) => isAlive(holder))) return
    clearInterval(timer)
    controller.abort(exitCodes.SIGTERM)
  }, pollMs).unref()
  for (const name of signals) process.on(name, onSignal)
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearInterval(timer)
      for (const name of signals) process.off(name, onSignal)
    },
  }
}
