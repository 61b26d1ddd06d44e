/** A router that ends all its clients and gives up, for a moment, when a server connection breaks. */
import { runRouter, transactionPooling } from '../reference/router/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'gives up when a server connection breaks',
  refutes: { 'REC-001': ['works'], 'REC-003': ['back'] },
} satisfies Lie

if (import.meta.main) {
  const watched = new WeakSet<object>()
  await runRouter(process.argv, {
    pool: {
      ...transactionPooling,
      reuse(connection) {
        if (!watched.has(connection)) connection.onLost(() => process.exit(1))
        watched.add(connection)
        return true
      },
    },
  })
}
