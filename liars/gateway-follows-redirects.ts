/** A gateway that follows a redirect to wherever it points. */
import { run } from '../reference/gateway/index.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'gateway',
  why: 'follows a redirect to wherever it points',
  refutes: {
    'JWT-107': ['redirect'],
  },
} satisfies Lie

if (import.meta.main) {
  await run(process.argv, {
    fetchDocument: async ({ url }) => ({ changed: true, text: await (await fetch(url)).text(), etag: undefined }),
  })
}
