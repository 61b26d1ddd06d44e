import fc from 'fast-check'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Failure } from './failure.ts'
import { readSettings } from './settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'orochi-settings-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

const config = write('config.yaml', 'url: https://file.test\ntoken_file: ./from-file\ntimeout_seconds: 3\n')
const [byFile, byEnv, byFlag] = ['from-file', 'from-env', 'from-flag'].map((name) => write(name, `${name}-token\n`)) as [
  string,
  string,
  string,
]

test('a flag wins over the environment, the environment over the file, each key by itself', () => {
  const fromFile = readSettings({ config }, {})
  expect(fromFile).toEqual({ url: new URL('https://file.test'), token: 'from-file-token', timeoutMs: 3000 })
  const env = { OROCHI_CONFIG: config, OROCHI_URL: 'https://env.test', OROCHI_TOKEN_FILE: byEnv }
  expect(readSettings({}, env)).toEqual({ url: new URL('https://env.test'), token: 'from-env-token', timeoutMs: 3000 })
  const flags = { url: 'https://flag.test', tokenFile: byFlag, timeout: 0.5 }
  expect(readSettings(flags, { ...env, OROCHI_TOKEN: 'direct' })).toEqual({
    url: new URL('https://flag.test'),
    token: 'from-flag-token',
    timeoutMs: 500,
  })
  expect(readSettings({}, { ...env, OROCHI_TOKEN: 'direct' }).token).toBe('direct')
  expect(readSettings({}, { OROCHI_URL: 'https://env.test', HOME: folder }).token).toBeNull()
  expect(byFile).toContain('from-file')
})

test('the file of the user is read where it is, and may be missing; one that was named may not', () => {
  expect(readSettings({ url: 'https://a.test' }, { XDG_CONFIG_HOME: join(folder, 'none') }).timeoutMs).toBe(10_000)
  expect(() => readSettings({ url: 'https://a.test', config: join(folder, 'none') }, {})).toThrow(/cannot be read \(ENOENT\)/)
})

test.each([
  ['url: [', /is not YAML/],
  ['token: very-secret', /the key token is not known/],
  ['timeout_seconds: soon', /the key timeout_seconds is not right/],
  ['very-secret', /is not right/],
])('a file that says %j is refused without repeating values', (text, message) => {
  const file = write('bad.yaml', text)
  const fault = catchFailure(() => readSettings({ config: file }, {}))
  expect(fault.message).toMatch(message)
  expect(`${fault.message} ${fault.next}`).not.toContain('very-secret')
})

test.each([
  [{}, /no control plane is named/],
  [{ url: 'control.test' }, /no http\(s\) URL/],
  [{ url: 'ftp://control.test' }, /no http\(s\) URL/],
  [{ url: 'https://me:secret@control.test' }, /holds a name or password/],
  [{ url: 'http://control.test' }, /unprotected line/],
])('the address %j is refused', (flags, message) => {
  expect(catchFailure(() => readSettings(flags, { HOME: folder })).message).toMatch(message)
})

test.each(['http://127.0.0.1:8080', 'http://[::1]:8080', 'http://localhost', 'http://control.localhost:1'])('%s may be plain', (url) => {
  expect(readSettings({ url }, { HOME: folder }).url.href).toContain(url)
})

test('plain http elsewhere is taken where it is asked for', () => {
  expect(readSettings({ url: 'http://control.test', allowPlainHttp: true }, { HOME: folder }).url.host).toBe('control.test')
})

test('a host that only looks like this machine is not taken for it', () => {
  for (const url of ['http://127.0.0.1.evil.test', 'http://localhost.evil.test', 'http://evil-localhost']) {
    expect(() => readSettings({ url }, { HOME: folder })).toThrow(Failure)
  }
})

test('no token with odd letters goes into a header, and no message repeats it', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 4, unit: 'binary' }), (odd) => {
      fc.pre(!/^[\x21-\x7e]+$/.test(odd.trim()) && odd.trim() !== '')
      const fault = catchFailure(() => readSettings({ url: 'https://a.test' }, { OROCHI_TOKEN: odd, HOME: folder }))
      expect(fault.code).toBe('usage')
      expect(fault.message).toBe('OROCHI_TOKEN holds something that is no token')
    }),
  )
})

function catchFailure(work: () => unknown): Failure {
  try {
    work()
  } catch (cause) {
    if (cause instanceof Failure) return cause
    throw cause
  }
  throw new Error('nothing was refused')
}
