/** Clients that come, ask one thing and leave: each operation is a connection of its own. */
import type { Session } from '../client/client.ts'
import type { Json } from '../history/record.ts'
import type { Load } from '../load.ts'
import { who } from '../rows.ts'

export default {
  name: 'logins',
  needs: [],
  async prepare() {
    return { facts: null, next: () => logIn, truth: async () => null }
  },
} satisfies Load

const logIn = {
  kind: 'login',
  args: null,
  effect: 'read',
  fresh: true,
  async act(session: Session): Promise<Json> {
    session.saw((await session.query(`select ${who}`)).rows)
    return null
  },
} as const
