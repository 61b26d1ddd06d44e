/** A router that fails one statement in five hundred. */
import { runFronted } from './kit/fronted.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'fails one statement in five hundred',
  refutes: { 'PERF-003': ['no-errors'] },
} satisfies Lie

/** A simple query that no server can answer. */
const text = 'select 1/0\0'
const failing = Buffer.concat([Buffer.from('Q'), Buffer.from([0, 0, 0, text.length + 4]), Buffer.from(text)])

if (import.meta.main) {
  let count = 0
  // Only whole executions of a prepared statement: logins and set-up are left alone.
  const isExecution = (chunk: Buffer) => chunk[0] === 'B'.charCodeAt(0)
  await runFronted(process.argv, { toServer: (chunk) => (isExecution(chunk) && ++count % 500 === 0 ? failing : chunk) })
}
