/** The router as a program that kills itself without a word at the step of a two-phase commit that the file `die-at`, where it runs, names. */
import { readFileSync } from 'node:fs'
import { runRouter } from '../command.ts'

function fatalStep(): string {
  try {
    return readFileSync('die-at', 'utf8').trim()
  } catch {
    return ''
  }
}

await runRouter(process.argv, {
  passStep: (step) => {
    if (step === fatalStep()) process.kill(process.pid, 'SIGKILL')
  },
})
