/** A gateway that hands every start-up parameter of its clients on to the upstream, whatever it is. */
import { run } from '../../reference/gateway/index.ts'

const own = new Set(['user', 'database', 'options'])

await run(process.argv, {
  readWishes({ parameters }) {
    const named = new Map(parameters)
    return {
      user: named.get('user') ?? '',
      database: named.get('database') ?? '',
      settings: new Map(parameters.filter(([name]) => name !== '' && !own.has(name))),
      unknownOptions: [],
    }
  },
})
