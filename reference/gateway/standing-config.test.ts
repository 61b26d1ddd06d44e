import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ConfigError } from './config-error.ts'
import { parseConfig } from './config-file.ts'
import { standingTerms } from './standing-config.ts'

const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8')
const example = /```yaml\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
const usable = example.replace('32 to 64 bytes in base64', Buffer.alloc(32, 1).toString('base64'))

function faultOf(text: string): string {
  try {
    parseConfig(text, 'gateway.yaml')
    return 'taken'
  } catch (cause) {
    return cause instanceof ConfigError ? cause.message.replace(/^gateway\.yaml:\d+: /gm, '') : String(cause)
  }
}

test('the example of the README is a configuration', () => {
  expect(parseConfig(usable, 'gateway.yaml')).toMatchObject({
    tokens: { singleUse: { entries: 100_000 } },
    revocation: { push: { secretFile: 'push.secret' }, maxEntries: 100_000 },
    sessions: { atExpiry: 'end', graceSeconds: 0 },
  })
})

test.each([
  [/operations: .*\n/, '', /^revocation\.push: there is no operations port/],
  [/ {2}maxLifetimeSeconds: .*\n/, '', /^tokens\.maxLifetimeSeconds: must be set/],
  [/, jti\]/, ']', /^tokens\.requiredClaims: jti must be required/],
  [/workers: \{ count: 1/, 'workers: { count: 2', /tokens\.singleUse: each worker/],
  [/atExpiry: end/, 'atExpiry: never', /^sessions\.atExpiry: /],
  [/maxEntries: 100000/, 'maxEntries: 0', /^revocation\.maxEntries: /],
  [/secretFile: push\.secret/, '', /^revocation\.push(?:\.secretFile)?: /],
])('what is unsafe is refused by key and remedy (%s)', (part, instead, fault) => {
  expect(usable).toMatch(part)
  expect(faultOf(usable.replace(part, instead))).toMatch(fault)
})

test('a revocation is remembered as long as a token can be good', () => {
  const terms = standingTerms(parseConfig(usable, 'gateway.yaml'), () => 0)
  expect(terms.revocation.keepMs).toBe((3600 + 2 * 30) * 1000)
})
