/** Gives a session that begins its cancel key. */
import type { Attempt } from '../audit.ts'
import type { Door } from '../door.ts'
import type { Admitted } from '../pieces.ts'
import type { Greeting } from '../upstream.ts'
import { textOf } from '../verify.ts'
import { keyIn, withKey } from './exchange.ts'

/** Protocol 3.2 is the first in which a key may be long. */
const longKeysFrom = 2

/** The greeting with a key of ours; disposing of the key ends it. They are apart: the key stays for as long as the session, the greeting is said and gone. */
export function issueKey(
  admitted: Admitted,
  minor: number,
  { session }: Attempt,
  { desk, cancel }: Door,
): { readonly greeting: Greeting; readonly key: Disposable | null } {
  const { admission, address, greeting } = admitted
  const theirs = keyIn(greeting)
  if (theirs === null) return { greeting, key: null }
  const tenant = textOf(admission.token.claims, 'tenant_id') ?? ''
  const ours = desk.issue({ ...theirs, session, tenant, pooler: address.name }, minor >= longKeysFrom ? cancel.sealingKey : null)
  return { greeting: withKey(greeting, ours), key: ours }
}
