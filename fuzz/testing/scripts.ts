/** Packets that brought other front doors down: kept so that they are tried on every change. */
import { goodBackend } from '../generate.ts'
import { hear, say, type Act, type Script } from '../script.ts'

const ssl: readonly Act[] = [say({ name: 'ssl-request' }), hear, { act: 'tls', alpn: [] }]
const client = (...acts: Act[]): Script => ({ leg: 'gateway-client', acts })
const backend = (...acts: Act[]): Script => ({ leg: 'gateway-backend', acts })
const startup = (...parameters: (readonly [string, string])[]) =>
  say({ name: 'startup', version: 0x3_0000, parameters: [['user', 'tenant_user'], ['database', 'orochi'], ...parameters] }) // prettier-ignore
const upTo = (count: number): readonly Act[] => goodBackend.slice(0, count)

export const notorious: Readonly<Record<string, Script>> = {
  'a cancel request in the clear': client(say({ name: 'cancel', pid: 7, secret: '01020304' })),
  'a cancel request over TLS': client(...ssl, say({ name: 'cancel', pid: 7, secret: '01020304' })),
  'a cancel request of eight bytes': client(say({ name: 'raw', hex: '0000000804d2162e' })),
  'a cancel request without its secret': client(say({ name: 'cancel', pid: 7, secret: '' })),
  'a cancel request with too long a secret': client(say({ name: 'cancel', pid: 7, secret: '00'.repeat(300) })),
  'a start-up packet that ends inside a value': client(
    say({ name: 'raw', hex: '00000014000300007573657200782e7465737400' }, { edit: 'cut', at: 18 }, { edit: 'length', value: 18 }),
  ),
  'a start-up packet of 2^32-1 bytes': client(say({ name: 'raw', hex: 'ffffffff00030000' })),
  'a start-up packet of no bytes': client(say({ name: 'raw', hex: '0000000000030000' })),
  'a token behind the request for TLS': client(say({ name: 'ssl-request' }), startup(), say({ name: 'token', token: 'good' })),
  'a parameter with a quote in its name': client(...ssl, startup(['a"b', 'x']), hear, say({ name: 'token', token: 'good' })),
  'claims of the client’s own': client(...ssl, startup(['orochi.claims', '{}']), hear, say({ name: 'token', token: 'good' })),
  'a password that is no message of its length': client(
    ...ssl,
    startup(),
    hear,
    say({ name: 'token', token: 'good' }, { edit: 'length', value: 3 }),
  ),
  'an upstream that announces a negative size': backend(say({ name: 'raw', hex: '5200000000' })),
  'an upstream that announces 2 GB within its greeting': backend(...upTo(6), say({ name: 'raw', hex: '537fffffff' })),
  'an upstream whose error has no fields': backend(say({ name: 'frame', letter: 'E', hex: '00' })),
  'an upstream whose error does not end': backend(say({ name: 'frame', letter: 'E', hex: '43323230323341' })),
  'an upstream that proves nothing': backend(...upTo(4), say({ name: 'ok' }), say({ name: 'ready', status: 'I' })),
  'an upstream that wants a thousand million rounds': backend(...upTo(2), say({ name: 'challenge', bent: { iterations: '1000000000' } })),
}
