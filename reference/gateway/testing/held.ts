/** A program that prints what of a login is still held while its session is on; run it with `--expose-gc`. */
import { setTimeout as sleep } from 'node:timers/promises'
import { pieces } from '../pieces.ts'
import { makeToken } from './issuer.ts'
import { raiseStage } from './stage.ts'

const kept: Record<string, WeakRef<object>> = {}
await using stage = await raiseStage({
  pieces: {
    async logIn(upstream, login) {
      kept['parameters'] = new WeakRef(login.parameters)
      return await pieces.logIn(upstream, login)
    },
    greet(greeting) {
      kept['greeting'] = new WeakRef(greeting)
      return pieces.greet(greeting)
    },
  },
})
const client = await stage.logIn(await makeToken())
await client.until('ready-for-query')
const held = () => Object.entries(kept).flatMap(([name, ref]) => (ref.deref() === undefined ? [] : [name]))
for (const until = Date.now() + 10_000; held().length > 0 && Date.now() < until;) {
  // A reference that was looked through counts until the end of the job.
  await sleep(20)
  globalThis.gc?.()
}
client.stream.write('still here')
const heard = (await client.bytes(10)).toString()
console.log(JSON.stringify({ looked: Object.keys(kept), held: held(), heard }))
