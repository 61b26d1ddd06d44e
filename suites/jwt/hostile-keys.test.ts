/** Sets of keys that no issuer should publish, and places they should not come from. */
import { createHash, generateKeyPairSync } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { expect } from 'vitest'
import type { Stack } from '../../stack/stack.ts'
import { spec, type Trial } from '../kit.ts'
import { attemptChange, reconfigure, type Attempted } from '../kit/reconfigure.ts'
import { holds, issuedBy, makeIssuerKey, rs256, startPublisher, tokenBy, tokenFor, type Publisher, type Serve } from './publisher.ts'

const known = makeIssuerKey('k1')
const jwks = { refreshSeconds: 60, cooldownSeconds: 60, maxStaleSeconds: 7200, connectTimeoutMs: 500, timeoutMs: 1000 }

type Gateway = Trial<'JWT-108'>['gateway']

/** Fetches that the gateway counts as failed. */
async function failures(gateway: Gateway): Promise<number> {
  return (await gateway.metrics()).get('orochi_gateway_jwks_fetches_total', { outcome: 'failed' })
}

/** One more fetch, a minute later by the gateway's clock; true when it has come to its end as a failure. */
function fetcher(stack: Stack, gateway: Gateway) {
  let minutes = 0
  return async (withinMs = 8000): Promise<boolean> => {
    const before = await failures(gateway)
    minutes += 1.1
    await stack.part('gateway-0').shiftClock!(minutes * 60_000)
    return await holds(async () => (await failures(gateway)) > before, withinMs)
  }
}

/** Sends as much as is taken; says how much that was, in bytes. */
function endless(chunk: Buffer, taken: { bytes: number; cut: boolean }): Serve {
  return (response) => {
    const send = (): void => {
      while (taken.bytes < 200_000_000 && !response.destroyed) {
        taken.bytes += chunk.length
        if (!response.write(chunk)) return void response.once('drain', send)
      }
    }
    response.once('close', () => (taken.cut = true))
    response.writeHead(200, { 'content-type': 'application/json' })
    send()
  }
}

/** A byte now and then, for ever. */
function trickling(): Serve {
  return (response: ServerResponse) => {
    response.writeHead(200).write('{"keys":[')
    const timer = setInterval(() => response.write(' '), 50)
    response.once('close', () => clearInterval(timer))
  }
}

/** What RSA makes of a signature by a key with exponent 1: anybody can write it down. */
function forgedByOne(input: Buffer): Buffer {
  const info = Buffer.concat([Buffer.from('3031300d060960864801650304020105000420', 'hex'), createHash('sha256').update(input).digest()])
  return Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(256 - 3 - info.length, 0xff), Buffer.from([0]), info])
}

const isReadable = ({ requests }: Publisher) => requests > 0

spec('JWT-108', async ({ stack, gateway, prove, measure }) => {
  await using issuer = await startPublisher(known.jwk)
  await using _changed = await reconfigure(stack, { apply: issuedBy({ jwks: { url: issuer.url, ...jwks } }) })
  const part = stack.part('gateway-0')
  const [{ pid }, fetchAgain] = [part, fetcher(stack, gateway)]
  const accepted = async () => (await gateway.attempt(tokenBy(stack, known))).ok
  if (!(await holds(() => isReadable(issuer)))) throw new Error('the gateway does not ask for the keys it was told of')
  try {
    const first = await accepted()
    const [huge, before] = [{ bytes: 0, cut: false }, await part.figures?.()]
    issuer.behave(endless(Buffer.alloc(65_536, ' '), huge))
    const sizeBounded = await fetchAgain()
    const cut = await holds(() => huge.cut)
    const grownBy = ((await part.figures?.())?.residentBytes ?? 0) - (before?.residentBytes ?? 0)
    measure('taken_of_an_endless_body', huge.bytes, 'bytes')
    const afterHuge = await accepted()

    issuer.behave(trickling())
    const timeBounded = await fetchAgain(4000)
    const afterSlow = await accepted()

    issuer.publish(...Array.from({ length: 100 }, (_, index) => ({ ...known.jwk, kid: `k${index + 2}` })), known.jwk)
    const countBounded = await fetchAgain()
    const afterMany = [await accepted(), (await gateway.attempt(tokenFor(stack, { kid: 'k7', signature: rs256(known.privateKey) }))).ok]

    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const [twin, heir] = [makeIssuerKey('twin'), makeIssuerKey('k2')]
    const huger = { ...known.jwk, kid: 'huge', n: Buffer.alloc(2048, 0xff).toString('base64url') }
    const byOne = { ...known.jwk, kid: 'one', e: 'AQ' }
    const small = { ...weak.publicKey.export({ format: 'jwk' }), kid: 'weak' }
    issuer.publish(small, huger, byOne, twin.jwk, { ...known.jwk, kid: 'twin' }, { ...known.jwk, kid: 'enc', use: 'enc' }, heir.jwk)
    await fetchAgain(1)
    const taken = await holds(async () => (await gateway.attempt(tokenBy(stack, heir))).ok)
    const attempts = {
      weak: await gateway.attempt(tokenFor(stack, { kid: 'weak', signature: rs256(weak.privateKey) })),
      huge: await gateway.attempt(tokenFor(stack, { kid: 'huge', signature: () => Buffer.alloc(2048, 1) })),
      one: await gateway.attempt(tokenFor(stack, { kid: 'one', signature: forgedByOne })),
      enc: await gateway.attempt(tokenFor(stack, { kid: 'enc', signature: rs256(known.privateKey) })),
    }
    const twins = [
      await gateway.attempt(tokenBy(stack, twin)),
      await gateway.attempt(tokenFor(stack, { kid: 'twin', signature: rs256(known.privateKey) })),
    ]

    await prove('size', () => {
      expect(
        [first, sizeBounded, cut, afterHuge],
        'a login before; the fetch failed; its connection was closed; a login afterwards',
      ).toEqual([true, true, true, true])
      expect(huge.bytes, 'bytes that were sent before the connection was closed').toBeLessThan(50_000_000)
      expect(grownBy, 'memory the gateway has more').toBeLessThan(100_000_000)
    })
    await prove('time', () => expect([timeBounded, afterSlow], 'given up within 4 s; a login afterwards').toEqual([true, true]))
    await prove('number', () => {
      expect([countBounded, ...afterMany], 'the fetch failed; a login by the key from before; one by a key of the set').toEqual([
        true,
        true,
        false,
      ])
    })
    await prove('weak', () => {
      expect(taken, 'a good key of the same set').toBe(true)
      for (const [name, { ok, sqlstate, audit }] of Object.entries(attempts))
        expect([ok, sqlstate, audit?.reason], name).toEqual([false, '28000', 'unknown_key'])
    })
    await prove('twice', () => {
      for (const { ok, audit } of twins) expect([ok, audit?.reason]).toEqual([false, 'unknown_key'])
    })
    await prove('alive', () => expect([part.alive(), part.pid]).toEqual([true, pid]))
  } finally {
    await part.shiftClock!(0)
  }
})

const unsafe = ['file:///etc/passwd', 'http://auth.example.com/jwks', 'https://169.254.169.254/latest/', 'https://[fd00:ec2::254]/', 'https://[::ffff:127.0.0.1]/', 'https://2852039166/', 'https://10.0.0.7/', 'https://user:pass@auth.example.com/'] // prettier-ignore

spec('JWT-107', async ({ stack, gateway, prove }) => {
  const changes: ({ readonly url: string } & Attempted)[] = []
  for (const url of unsafe) changes.push({ url, ...(await attemptChange(stack, { apply: issuedBy({ jwks: { url } }) })) })
  await using inside = await startPublisher(known.jwk)
  await using issuer = await startPublisher(known.jwk)
  await using _changed = await reconfigure(stack, { apply: issuedBy({ jwks: { url: issuer.url, ...jwks } }) })
  const fetchAgain = fetcher(stack, gateway)
  const accepted = async () => (await gateway.attempt(tokenBy(stack, known))).ok
  try {
    const first = await accepted()
    const outcomes: boolean[] = []
    for (const status of [301, 302, 303, 307, 308]) {
      issuer.behave((response) => void response.writeHead(status, { location: inside.url }).end())
      outcomes.push(await fetchAgain(3000))
    }
    const last = await accepted()
    await prove('configured', () => {
      for (const { url, outcome, told } of changes) {
        expect(outcome, url).toBe('refused')
        expect(told, url).toMatch(/gateway\.yaml:\d+: issuers\.0\.jwks\.url: /)
      }
    })
    await prove('redirect', () => {
      expect(outcomes, 'fetches that were answered by a redirect failed').toEqual([true, true, true, true, true])
      expect(inside.connections, 'connections to where it pointed').toBe(0)
      expect([first, last], 'logins before and afterwards').toEqual([true, true])
    })
  } finally {
    await stack.part('gateway-0').shiftClock!(0)
  }
})

spec('ERR-004', async ({ stack, gateway, mint, prove }) => {
  const part = stack.part('gateway-0')
  const { pid } = part
  const broken = await attemptChange(stack, {
    files: { 'broken.pem': '-----BEGIN PUBLIC KEY-----\nbm8ga2V5\n-----END PUBLIC KEY-----\n' },
    apply: issuedBy({ keys: [{ id: 'broken', algorithm: 'RS256', publicKey: 'broken.pem' }] }),
  })
  const own = await gateway.attempt(await mint())
  // An even modulus: nothing can be computed with it. And a point that lies on no curve.
  const even = { ...known.jwk, kid: 'even', n: Buffer.alloc(256, 0xfe).toString('base64url') }
  const { x } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' })
  const off = { kty: 'EC', crv: 'P-256', x, y: x, kid: 'off' }
  await using issuer = await startPublisher(even, off, known.jwk)
  const mark = part.logMark()
  await using _changed = await reconfigure(stack, { apply: issuedBy({ jwks: { url: issuer.url } }) })
  const good = [await gateway.attempt(tokenBy(stack, known))]
  const signature = () => Buffer.alloc(256, 1)
  const impossible = [
    await gateway.attempt(tokenFor(stack, { kid: 'even', signature })),
    await gateway.attempt(tokenFor(stack, { kid: 'off', alg: 'ES256', signature: () => Buffer.alloc(64, 1) })),
  ]
  good.push(await gateway.attempt(tokenBy(stack, known)))
  const told = part.logSince(mark).map(({ text }) => text).filter((text) => text.includes('"event":"jwks"')).join('\n') // prettier-ignore

  await prove('error', () => {
    expect([broken.outcome, broken.told], 'a broken key file').toEqual([
      'refused',
      expect.stringMatching(/broken\.pem: this is no public key/),
    ])
    expect([own.ok, ...good.map(({ ok }) => ok)], 'logins by good keys').toEqual([true, true, true])
    for (const { ok, severity, sqlstate, audit } of impossible)
      expect([ok, severity, sqlstate, audit?.reason], 'a token by an impossible key').toEqual([false, 'FATAL', '28000', 'unknown_key'])
    for (const kid of ['even', 'off']) expect(told, 'what the log says of it').toMatch(new RegExp(`"id":"${kid}","why":"[a-z]`))
  })
  await prove('alive', () => expect([part.alive(), part.pid], 'the gateway’s process').toEqual([true, pid]))
})
