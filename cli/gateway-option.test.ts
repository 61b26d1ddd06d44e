import { expect, test } from 'vitest'
import { readGateway, writeGateway } from './gateway-option.ts'

const here = import.meta.dirname

test('a command, with a template', () => {
  expect(readGateway({ gateway: 'exec:./gate --listen {listen}', gatewayTemplate: 'usage.ts' }, here)).toEqual({
    kind: 'exec',
    command: './gate --listen {listen}',
    cwd: here,
    template: `${here}/usage.ts`,
  })
})

test('an address, with what must be known of it', () => {
  const raw = { gateway: '[::1]:6000', signingKey: 'usage.ts', metricsUrl: 'http://127.0.0.1:9/metrics' }
  expect(readGateway(raw, here)).toMatchObject({ kind: 'address', host: '::1', port: 6000, signingKey: `${here}/usage.ts`, ca: null })
})

test.each([
  [{ gateway: 'exec:' }, /names no command/],
  [{ gateway: 'exec:x {lisen}' }, /did you mean \{listen\}/],
  [{ gateway: 'exec:x', ca: 'a.pem' }, /--ca is for --gateway host:port/],
  [{ gateway: 'nowhere' }, /exec:<command> or host:port/],
  [{ gateway: 'a:1' }, /--signing-key <file>/],
  [{ gateway: 'a:1', signingKey: 'no-such.pem' }, /--signing-key no-such.pem: there is no such file/],
  [{ gateway: 'a:1', signingKey: 'usage.ts', gatewayTemplate: 'x' }, /--gateway-template is for/],
  [{ gateway: 'a:1', signingKey: 'usage.ts', metricsUrl: 'ftp://x' }, /--metrics-url/],
  [{ signingKey: 'usage.ts' }, /--signing-key says something of a foreign gateway/],
])('%j is refused in a sentence', (raw, words) => {
  expect(() => readGateway(raw, here)).toThrow(words)
})

test('what is written reads back', () => {
  const gateway = readGateway({ gateway: 'a:1', signingKey: 'usage.ts', ca: 'main.ts', keyId: 'k7' }, here)!
  expect(writeGateway(gateway, (text) => text).join(' ')).toBe(
    `--gateway a:1 --signing-key ${here}/usage.ts --key-id k7 --issuer https://issuer.orochi.test --audience orochi --ca ${here}/main.ts`,
  )
})
