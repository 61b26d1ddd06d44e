/** The pooler sees nothing of what strangers send: neither their malformed packets nor their connections. */
import { expect } from 'vitest'
import { answered, openProbe, openTlsProbe, type Probe } from '../../fixtures/probe.ts'
import { makeAuthority } from '../../fixtures/certificates.ts'
import type { Stack } from '../../stack/stack.ts'
import { spec } from '../kit.ts'
import { reconfigure } from '../kit/reconfigure.ts'
import { attemptRaw } from './raw-login.ts'
import { openBackend, sslRequest } from './tls-backend.ts'

const u32 = (value: number): Buffer => Buffer.from(value.toString(16).padStart(8, '0'), 'hex')
const version = u32(0x3_0000)
const packet = (...parts: (Buffer | string)[]): Buffer => {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
  return Buffer.concat([u32(body.length + 4), body])
}
const message = (type: string, body: Buffer | string, length = Buffer.byteLength(body) + 4) =>
  Buffer.concat([Buffer.from(type), u32(length), Buffer.from(body)])
const cancelCode = u32(80_877_102)
const startup = packet(version, 'user\0tenant_user\0database\0orochi\0\0')

const openings: Readonly<Record<string, Buffer>> = {
  'length 0': u32(0),
  'length 7': Buffer.concat([u32(7), Buffer.alloc(3)]),
  'length 2^31 - 1': Buffer.concat([u32(0x7fff_ffff), version]),
  'length 2^32 - 1': Buffer.concat([u32(0xffff_ffff), version]),
  '10 005 bytes': packet(version, `user\0tenant_user\0application_name\0${'x'.repeat(9_959)}\0\0`),
  'no parameters': packet(version),
  'version 2': packet(u32(0x2_0000), 'user\0tenant_user\0\0'),
  'version 4': packet(u32(0x4_0000), 'user\0tenant_user\0\0'),
  'no final NUL': packet(version, 'user\0tenant_user\0database\0orochi\0'),
  'a name without value': packet(version, 'user\0tenant_user\0database\0\0'.slice(0, -1)),
  'an empty user': packet(version, 'user\0\0database\0orochi\0\0'),
  'a user twice': packet(version, 'user\0tenant_user\0user\0postgres\0database\0orochi\0\0'),
  '1 200 parameters': packet(
    version,
    `user\0tenant_user\0${Array.from({ length: 1_200 }, (_, i) => `a${i}\0b\0`).join('')}\0`.slice(0, 9_900),
  ),
  'bytes that are no text': packet(version, Buffer.from('75736572 00 ff fe 80 00 00'.replaceAll(' ', ''), 'hex')),
  'a cancel request without key': packet(cancelCode),
  'a cancel request with half a key': packet(cancelCode, Buffer.alloc(7)),
  'a cancel request with a key of 300 bytes': packet(cancelCode, Buffer.alloc(304)),
  'another protocol': Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
}

const inPlaceOfTheToken: Readonly<Record<string, Buffer>> = {
  'a query': message('Q', 'select 1\0'),
  'a length of 2^31': message('p', 'x\0', 0x8000_0000),
  'a length of 3': message('p', '', 3),
  'a password that does not end': message('p', 'x'.repeat(100)),
  'bytes behind the password': message('p', 'x\0y\0'),
  '70 000 bytes': message('p', `${'x'.repeat(70_000)}\0`),
  'a statement': message('P', '\0select 1\0\0\0'),
}

/** Talks, and waits until the gateway has had enough. */
async function hearOut(probe: Probe, ...said: readonly Buffer[]): Promise<void> {
  probe.send(Buffer.concat(said))
  await probe.ended(5_000).catch(() => 'goes on')
}

const overTls = ({ door }: Stack) => answered(openTlsProbe(door, { ca: door.ca, servername: door.servername }), 'TLS')

spec('SEC-150', async ({ stack, mint, prove }) => {
  const certificate = await (await makeAuthority('nobody')).issue()
  await using pooler = await openBackend({ pooler: stack.pooler, certificate })
  const upstream = { host: '127.0.0.1', port: pooler.port, database: stack.door.database }
  await using _led = await reconfigure(stack, { apply: (config) => ({ ...config, upstream }) })
  const token = await mint()
  const good = message('p', `${token}\0`)
  const opened = async (act: () => Promise<void>) => {
    const before = pooler.opened()
    await act()
    return pooler.opened() - before
  }

  await prove('opening', async () => {
    for (const [what, bytes] of Object.entries(openings)) {
      const count = await opened(async () => {
        await using probe = await overTls(stack)
        await hearOut(probe, bytes, good)
      })
      expect(count, what).toBe(0)
    }
  })
  await prove('password', async () => {
    for (const [what, bytes] of Object.entries(inPlaceOfTheToken)) {
      const count = await opened(async () => {
        await using probe = await overTls(stack)
        probe.send(startup)
        expect((await answered(probe.read(), 'the question for a token')).type, what).toBe('R')
        await hearOut(probe, bytes, good)
      })
      expect(count, what).toBe(0)
    }
  })
  await prove('encryption', async () => {
    const stuffed = [
      Buffer.concat([sslRequest, startup, good]),
      Buffer.concat([sslRequest, Buffer.from([0x16, 3, 1, 0xff, 0xff])]),
      Buffer.concat([startup, good]),
    ]
    for (const bytes of stuffed) {
      const count = await opened(async () => {
        await using probe = await answered(openProbe(stack.door), 'a connection')
        await hearOut(probe, bytes)
      })
      expect(count, bytes.subarray(0, 16).toString('hex')).toBe(0)
    }
  })
  await prove('login', async () => {
    const before = pooler.heard().length
    const hostile = {
      application_name: `müller\n🐍\\'${'x'.repeat(300)}`,
      options: String.raw`-c statement_timeout=9s --lock_timeout=\9s -c TimeZone=Europe/Zurich`,
    }
    const { refusal, row } = await attemptRaw(stack, { token, startup: hostile, sql: 'select 1' })
    expect([refusal, row]).toEqual([null, ['1']])
    const { parameters, types } = readLogin(pooler.heard().subarray(before))
    expect(types, 'messages up to the first query').toEqual(['p', 'p', 'Q'])
    for (const [name, value] of parameters) {
      expect(name).toMatch(/^[A-Za-z_][A-Za-z0-9_.]{0,62}$/)
      expect(value, name).toMatch(/^[\x20-\x7e]{0,4000}$/)
    }
    expect(new Set(parameters.map(([name]) => name.toLowerCase())).size, 'names, each once').toBe(parameters.length)
    expect(parameters.map(([name]) => name)).not.toContain('options')
  })
})

/** What a pooler is told until the first query: parameters and the letters of the messages. Throws on anything that is not whole. */
function readLogin(bytes: Buffer): { readonly parameters: [string, string][]; readonly types: string[] } {
  const length = bytes.readUInt32BE(0)
  expect([bytes.readUInt32BE(4), length <= 10_000, bytes.subarray(length - 2, length).toString('hex')], 'the start-up packet').toEqual([
    0x3_0000,
    true,
    '0000',
  ])
  const words = bytes
    .subarray(8, length - 2)
    .toString('latin1')
    .split('\0')
  expect(words.length % 2, 'names and values').toBe(0)
  const parameters = Array.from({ length: words.length / 2 }, (_, i): [string, string] => [words[2 * i]!, words[2 * i + 1]!])
  const types: string[] = []
  for (let at = length; at < bytes.length && types.at(-1) !== 'Q'; at += bytes.readUInt32BE(at + 1) + 1)
    types.push(bytes.toString('latin1', at, at + 1))
  return { parameters, types }
}
