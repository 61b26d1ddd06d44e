/** The disk that a server's databases lie on is full to the last byte; its log of changes lies elsewhere. */
import { injectSteps, FaultWithoutEffect, type Fault } from '../fault.ts'
import { loginTo, partFor, until } from '../looking.ts'
import { withClient } from '../../stack/components/set-up.ts'
import type { Login } from '../../stack/stack.ts'

const name = 'disk-full'

export default function diskFull(): Fault {
  return {
    name,
    needs: ['root'],
    inject(stack, target, signal) {
      const part = partFor(stack, target, 'postgres', ['fill', 'makeRoom'])
      const login = loginTo(stack, target)
      return injectSteps(target, signal, {
        harm: async () => part.fill?.(),
        async proveApplied() {
          const told = await grow(login)
          if (told === null) throw new FaultWithoutEffect(name, target, 'a table still grows')
          return `${target} has no room left: ${told}`
        },
        async cure() {
          await part.makeRoom?.()
          return until(`room on ${target}`, async () => ((await grow(login)) === null ? `a table of ${target} grows again` : null))
        },
      })
    },
  }
}

/** Makes a table of some pages and drops it; says why it could not be made. */
async function grow(login: Login): Promise<string | null> {
  try {
    await withClient(login, async (client) => {
      await client.query('begin')
      await client.query(`create table orochi_growing as select repeat('x', 2000) as text from generate_series(1, 200)`)
      await client.query('rollback')
    })
    return null
  } catch (error) {
    return (error as Error).message
  }
}

export const trial = { targets: ['postgres-0'], topology: { postgres: { diskMb: 96 }, gateway: null, pooler: null } }
