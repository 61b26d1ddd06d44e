import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { mockVerifier, scramClient, scramServer, scramVerifier, type SaltedCache } from './index.ts'

const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64')
const clientNonce = 'rOprNGfwEbeRWgbNEkqO'
const serverNonce = '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0'
const clientFirst = Buffer.from(`n,,n=user,r=${clientNonce}`)
const serverFirst = Buffer.from(`r=${clientNonce}${serverNonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`)
const clientFinal = Buffer.from(`c=biws,r=${clientNonce}${serverNonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`)
const serverFinal = Buffer.from('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')
const verifier = scramVerifier('pencil', { salt, iterations: 4096 })

const badScram = expect.objectContaining({ name: 'ProtocolViolation', reason: 'bad-scram' })

test('the client speaks the example of RFC 7677', async () => {
  const client = scramClient({ password: 'pencil', user: 'user', nonce: clientNonce })
  expect(client.first()).toEqual(clientFirst)
  expect(await client.proof(serverFirst)).toEqual(clientFinal)
  expect(() => client.finish(serverFinal)).not.toThrow()
})

test('the server speaks the example of RFC 7677', () => {
  const server = scramServer(verifier, serverNonce)
  expect(server.challenge(clientFirst)).toEqual(serverFirst)
  expect(server.verify(clientFinal)).toEqual(serverFinal)
})

test('a wrong password, and any password against a mock, end in null', async () => {
  for (const stored of [scramVerifier('other', { salt }), mockVerifier('user', Buffer.from('secret'))]) {
    const server = scramServer(stored)
    const client = scramClient({ password: 'pencil' })
    expect(server.verify(await client.proof(server.challenge(client.first())))).toBeNull()
  }
})

test('a mock is the same for a user each time and not for another', () => {
  const secret = Buffer.from('secret')
  expect(mockVerifier('a', secret)).toEqual(mockVerifier('a', secret))
  expect(mockVerifier('a', secret).salt).not.toEqual(mockVerifier('b', secret).salt)
})

test('client and server agree on any password', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 30 }), async (password) => {
      const server = scramServer(scramVerifier(password, { iterations: 2 }))
      const client = scramClient({ password })
      const final = server.verify(await client.proof(server.challenge(client.first())))
      expect(final).not.toBeNull()
      if (final) client.finish(final)
    }),
    { numRuns: 30 },
  )
})

test('salted passwords are kept when a cache is given, and made once for logins at once', async () => {
  const saltedCache: SaltedCache = new Map()
  const login = async (): Promise<void> => {
    const server = scramServer(verifier)
    const client = scramClient({ password: 'pencil', saltedCache })
    expect(server.verify(await client.proof(server.challenge(client.first())))).not.toBeNull()
  }
  await Promise.all([login(), login()])
  await login()
  expect(saltedCache.size).toBe(1)
})

test.each([
  ['too many rounds', `r=${clientNonce}x,s=AAAA,i=100001`],
  ['rounds beyond numbers', `r=${clientNonce}x,s=AAAA,i=99999999999`],
  ['no rounds', `r=${clientNonce}x,s=AAAA,i=0`],
  ['rounds that are no number', `r=${clientNonce}x,s=AAAA,i=1e3`],
  ['another nonce', 'r=other,s=AAAA,i=4096'],
  ['our nonce unchanged', `r=${clientNonce},s=AAAA,i=4096`],
  ['a malformed salt', `r=${clientNonce}x,s=A*AA,i=4096`],
  ['an empty salt', `r=${clientNonce}x,s=,i=4096`],
  ['a mandatory extension', `m=1,r=${clientNonce}x,s=AAAA,i=4096`],
  ['nothing', ''],
])('the client refuses a challenge with %s', async (_, challenge) => {
  const client = scramClient({ password: 'pencil', nonce: clientNonce })
  client.first()
  await expect(client.proof(Buffer.from(challenge))).rejects.toEqual(badScram)
})

test.each(['v=', 'v=AAAA', `v=${Buffer.alloc(32).toString('base64')}`, 'e=invalid-proof', ''])(
  'the client refuses the signature %j',
  async (final) => {
    const client = scramClient({ password: 'pencil', nonce: clientNonce })
    client.first()
    await client.proof(serverFirst)
    expect(() => client.finish(Buffer.from(final))).toThrow(badScram)
  },
)

test('the client refuses a signature before its own proof', () => {
  expect(() => scramClient({ password: 'pencil' }).finish(serverFinal)).toThrow(badScram)
})

test.each(['p=tls-server-end-point,,n=,r=abc', 'n,a=root,n=,r=abc', 'n,,m=x,n=,r=abc', 'n,,n=,r=', 'n,,n=,r=a\u00e9', 'n,,', ''])(
  'the server refuses the opening %j',
  (opening) => {
    expect(() => scramServer(verifier).challenge(Buffer.from(opening))).toThrow(badScram)
  },
)

test.each([
  ['another nonce', `c=biws,r=${clientNonce}other,p=${'A'.repeat(43)}=`],
  ['another binding', `c=eSws,r=${clientNonce}${serverNonce},p=${'A'.repeat(43)}=`],
  ['no proof', `c=biws,r=${clientNonce}${serverNonce}`],
  ['a short proof', `c=biws,r=${clientNonce}${serverNonce},p=AAAA`],
])('the server refuses a proof with %s', (_, final) => {
  const server = scramServer(verifier, serverNonce)
  server.challenge(clientFirst)
  expect(() => server.verify(Buffer.from(final))).toThrow(badScram)
})

test('the server refuses a proof before its challenge', () => {
  expect(() => scramServer(verifier).verify(clientFinal)).toThrow(badScram)
})
