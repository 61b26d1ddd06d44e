/** Raises a system, says where its gateway is, and takes it down when its standard input ends: somebody else's gateway, for tests. */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { raise } from '../../stack/raise.ts'
import { defaultTopology } from '../../stack/wish.ts'

const signal = AbortSignal.timeout(60_000)
await using stack = await raise(defaultTopology({ pooler: { kind: 'router' } }), {
  run: `stand-${process.pid}`,
  provider: 'embedded',
  signal,
})
const { host, port, ca } = stack.door
const { operations } = stack.part('gateway-0').addresses
writeFileSync(join(stack.dir, 'ca.crt'), ca)
console.log(
  JSON.stringify({
    gateway: `${host}:${port}`,
    signingKey: stack.issuer.privateKeyFile,
    ca: join(stack.dir, 'ca.crt'),
    metricsUrl: `http://${operations!.host}:${operations!.port}/metrics`,
  }),
)
process.stdin.resume()
await once(process.stdin, 'end')
