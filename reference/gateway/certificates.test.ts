import { createHash, X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { configSchema, findUnsafe, type GatewayConfig } from './config.ts'
import { makeCertificate, type TestCertificate } from './testing/certificate.ts'
import { makeToken } from './testing/issuer.ts'
import { raiseStage, type Stage } from './testing/stage.ts'

const [own, other] = [makeCertificate(), makeCertificate()]
const expired = makeCertificate(-10, -1)

/** Each of these certificates is an authority of its own. */
function asking(tls: object): (config: GatewayConfig) => GatewayConfig {
  return (config) => {
    const clientCa = join(dirname(config.tls!.cert), 'clients.crt')
    writeFileSync(clientCa, own.cert + expired.cert)
    return configSchema.parse({ ...config, tls: { ...config.tls, clientCa, ...tls } })
  }
}

const thumbprint = ({ cert }: TestCertificate) => createHash('sha256').update(new X509Certificate(cert).raw).digest('base64url')
const bound = (to: TestCertificate) => makeToken({ claims: { cnf: { 'x5t#S256': thumbprint(to) } } })

/** 'in', or the reason. */
async function fateOf(stage: Stage, token: string, certificate?: TestCertificate): Promise<string> {
  const before = stage.logins().length
  const client = await stage.logIn(token, {}, certificate)
  await client.until('ready-for-query')
  client.stream.destroy()
  await expect.poll(() => stage.logins().length).toBe(before + 1)
  return stage.logins().at(-1)!.reason ?? 'in'
}

test.each([
  ['none', 'in', 'in', 'in', 'in'],
  ['optional', 'in', 'in', 'certificate_refused', 'certificate_refused'],
  ['required', 'certificate_missing', 'in', 'certificate_refused', 'certificate_refused'],
])('%s: without one, with a good one, one of another authority, one that is over', async (clientCertificate, ...fates) => {
  await using stage = await raiseStage({ change: clientCertificate === 'none' ? (config) => config : asking({ clientCertificate }) })
  const token = await makeToken()
  const found = []
  for (const certificate of [undefined, own, other, expired]) found.push(await fateOf(stage, token, certificate))
  expect(found).toEqual(fates)
  const details = stage.logins().flatMap(({ detail }) => detail ?? [])
  expect(details).toEqual(clientCertificate === 'none' ? [] : ['DEPTH_ZERO_SELF_SIGNED_CERT', 'CERT_HAS_EXPIRED'])
})

test('who is refused for the certificate was not asked for a token', async () => {
  await using stage = await raiseStage({ change: asking({ clientCertificate: 'required' }) })
  const client = await stage.logIn(await makeToken())
  expect(await client.refusal()).toBe('28000')
  expect(stage.lines.filter(({ record }) => record['sub'] !== undefined)).toEqual([])
})

test('a bound token is good with its certificate alone, whatever is required', async () => {
  for (const tokenBinding of ['claimed', 'required']) {
    await using stage = await raiseStage({ change: asking({ clientCertificate: 'optional', tokenBinding }) })
    expect(await fateOf(stage, await bound(own), own)).toBe('in')
    expect(await fateOf(stage, await bound(other), own)).toBe('certificate_mismatch')
    expect(await fateOf(stage, await bound(own))).toBe('certificate_mismatch')
    expect(await fateOf(stage, await makeToken(), own)).toBe(tokenBinding === 'required' ? 'token_not_bound' : 'in')
  }
})

test('where nobody is asked for a certificate a bound token is good for nobody', async () => {
  await using stage = await raiseStage()
  expect(await fateOf(stage, await bound(own), own)).toBe('certificate_mismatch')
})

test.each([[{}], [{ jkt: 'x' }], [null], ['x'], [[]], [{ 'x5t#S256': 7 }], [{ 'x5t#S256': '' }], [{ 'x5t#S256': `${thumbprint(own)}=` }]])(
  'what cannot be confirmed is refused: %j',
  async (cnf) => {
    await using stage = await raiseStage({ change: asking({ clientCertificate: 'optional' }) })
    expect(await fateOf(stage, await makeToken({ claims: { cnf } }), own)).toBe('certificate_mismatch')
  },
)

test.each([
  [{ clientCa: 'x' }, 'clientCa'],
  [{ clientCrl: 'x' }, 'clientCrl'],
  [{ tokenBinding: 'required' }, 'tokenBinding'],
  [{ clientCertificate: 'required' }, 'clientCertificate'],
  [{ clientCertificate: 'optional', clientCrl: 'x' }, 'clientCertificate'],
])('half a configuration is refused: %j', (tls, key) => {
  const claims = { keyId: 'c', key: Buffer.alloc(32).toString('base64'), cluster: 'c', branch: 'main' }
  const issuers = [{ issuer: 'i', audience: 'a', keys: [{ id: 'k', algorithm: 'RS256', publicKey: 'k.pem' }] }]
  const upstream = { host: '127.0.0.1', port: 1, database: 'd' }
  const listen = { host: '127.0.0.1', port: 0 }
  const roles = [{ name: 'r', user: 'u', password: 'p' }]
  const config = configSchema.parse({ listen, tls: { cert: 'c', key: 'k', ...tls }, upstream, roles, databases: ['d'], issuers, claims })
  expect(findUnsafe(config).map(({ path }) => path.join('.'))).toContain(`tls.${key}`)
})
