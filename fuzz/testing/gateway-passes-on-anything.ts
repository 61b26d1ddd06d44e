/** A gateway that hands every start-up parameter of its clients on to the upstream, whatever it is. */
import { pieces, run } from '../../reference/gateway/index.ts'

const own = new Set(['user', 'database', 'options'])

await run(process.argv, {
  readWishes(startup, terms) {
    const known = startup.parameters.filter(([name]) => name === 'user' || name === 'database')
    const others = startup.parameters.filter(([name]) => name !== '' && !own.has(name))
    return { ...pieces.readWishes({ ...startup, parameters: known }, terms), settings: new Map(others) }
  },
})
