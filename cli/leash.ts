/** Ends the run when it is asked to stop, or when the npm that started it has died without a word. */
import { isAlive } from '../stack/processes.ts'
import { ancestors } from './ancestors.ts'

const pollMs = 250

export interface Leash extends Disposable {
  /** Fires once; its reason is the exit code. */
  readonly signal: AbortSignal
}

export function holdLeash(): Leash {
  const controller = new AbortController()
  const end = (exitCode: number) => controller.abort(exitCode)
  const onInterrupt = () => end(130)
  const onTerminate = () => end(143)
  const npm = ancestors().filter(({ command }) => /^npm\b|npm-cli/.test(command))
  const timer = setInterval(() => {
    if (npm.some(({ process: ancestor }) => !isAlive(ancestor))) end(143)
  }, pollMs).unref()
  process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate).on('SIGHUP', onTerminate)
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearInterval(timer)
      process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate).off('SIGHUP', onTerminate)
    },
  }
}
