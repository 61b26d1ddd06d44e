/** A gateway that writes down names as they came, whatever they are. */
import { makeLog, pieces, run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'writes down names as they came, whatever they are',
  refutes: {
    'SEC-119': ['masked', 'nowhere'],
    'SEC-148': ['no-control'],
  },
} satisfies Lie

if (import.meta.main) {
  let names: Record<string, string | undefined> = {}
  const { write } = makeLog('info')
  await run(
    process.argv,
    {
      readWishes(startup, terms) {
        const parameters = new Map(startup.parameters)
        names = { user: parameters.get('user'), database: parameters.get('database') }
        return pieces.readWishes(startup, terms)
      },
    },
    { write: (level, record, message) => write(level, { ...record, ...names }, message) },
  )
}
