import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ConfigError } from './config-error.ts'
import { parseConfig } from './config-file.ts'
import { readIssuer } from './key-config.ts'

const withIssuer = (rest: string) => `listen: { host: 127.0.0.1, port: 5433 }
upstream: { host: 127.0.0.1, port: 6432, database: orochi }
roles: [{ name: tenant_user, user: orochi_app, password: secret-canary }]
databases: [orochi]
issuers: [{ issuer: https://issuer.test, audience: orochi, ${rest} }]
claims: { keyId: c1, key: "${Buffer.alloc(32, 1).toString('base64')}", cluster: local }
`

function faultOf(read: () => unknown): string {
  try {
    read()
    return 'taken'
  } catch (cause) {
    return cause instanceof ConfigError ? cause.message : String(cause)
  }
}

const pem = 'keys: [{ id: k1, algorithm: RS256, publicKey: k1.pem }]'
const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8')

test('the example of the README is good', () => {
  const example = /```yaml\n(issuers: # the keys[\s\S]*?)```/.exec(readme)?.[1] ?? ''
  const text = withIssuer(pem).replace(/issuers: .*\n/, example)
  const [published, shared] = parseConfig(text, 'gateway.yaml').issuers
  expect(published?.jwks).toMatchObject({ refreshSeconds: 300, cooldownSeconds: 30, maxStaleSeconds: 14_400, privateNetwork: false })
  expect(shared?.sharedSecrets).toEqual([{ id: 's1', file: 's1.secret' }])
})

const issuerOf = (rest: string) => parseConfig(withIssuer(rest), 'gateway.yaml').issuers[0]!

test.each([
  ['jwks: { url: https://issuer.test/jwks }', 'taken'],
  ['sharedSecrets: [{ id: s1, file: s1.secret }]', 'taken'],
  ['algorithms: [RS256]', /gateway\.yaml:5: issuers\.0\.keys: this issuer has no key/],
  [`${pem}, jwks: { url: https://issuer.test/ }`, /issuers\.0\.keys: keys come from one place/],
  [`${pem}, sharedSecrets: [{ id: s1, file: s }]`, /issuers\.0\.keys: keys come from one place/],
  ['jwks: { url: https://issuer.test/ }, sharedSecrets: [{ id: s1, file: s }]', /keys come from one place/],
  ['algorithms: [RS256], sharedSecrets: [{ id: s1, file: s }]', /issuers\.0\.algorithms: with sharedSecrets/],
  ['sharedSecrets: [{ id: s1, file: s }, { id: s1, file: t }]', /issuers\.0\.sharedSecrets\.1\.id: this key id/],
  ['keys: [{ id: s1, algorithm: HS256, publicKey: s }]', /issuers\.0\.keys\.0\.algorithm/],
  ['jwks: { url: http://issuer.test/ }', /issuers\.0\.jwks\.url: .*use https/],
  ['jwks: { url: file:///etc/passwd }', /issuers\.0\.jwks\.url: an https URL/],
  ['jwks: { url: https://169.254.169.254/ }', /issuers\.0\.jwks\.url: this address is out of reach/],
  ['jwks: { url: https://10.0.0.1/ }', /privateNetwork: true/],
  ['jwks: { url: https://10.0.0.1/, privateNetwork: true }', 'taken'],
  ['jwks: { url: https://issuer.test/, cooldownSeconds: 600 }', /issuers\.0\.jwks\.cooldownSeconds: must not be longer/],
  ['jwks: { url: https://issuer.test/, maxStaleSeconds: 60 }', /issuers\.0\.jwks\.maxStaleSeconds: must not be shorter/],
  ['jwks: { url: https://issuer.test/, maxBytes: 100000000 }', /issuers\.0\.jwks\.maxBytes/],
  ['jwks: { url: https://issuer.test/, maxKey: 5 }', /did you mean maxKeys/],
])('%s', (rest, fault) => {
  const found = faultOf(() => issuerOf(rest))
  if (fault === 'taken') expect(found).toBe(fault)
  else expect(found).toMatch(fault)
})

test.each([
  [Buffer.alloc(32, 7).toString('base64'), 'taken'],
  [Buffer.alloc(31, 7).toString('base64'), /at least 32 bytes, this one 31/],
  ['correct horse battery staple, which is no base64', /no base64/],
])('a shared secret is 32 bytes in base64 (%#)', (content, fault) => {
  const dir = mkdtempSync(join(tmpdir(), 'gateway-test-'))
  try {
    const file = join(dir, 's1.secret')
    writeFileSync(file, `${content}\n`)
    const found = faultOf(() => readIssuer(issuerOf(`sharedSecrets: [{ id: s1, file: ${file} }]`)))
    if (fault === 'taken') expect(found).toBe(fault)
    else expect(found).toMatch(fault)
    expect(found).not.toContain(content)
  } finally {
    rmSync(dir, { recursive: true })
  }
})
