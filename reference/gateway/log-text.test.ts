import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shown, shownName } from './log-text.ts'
import { makeToken } from './testing/issuer.ts'

test.each([
  ['tenant_user', 'tenant_user'],
  ['Zoë Müller', 'Zoë Müller'],
  ['a\nb', String.raw`a\u{a}b`],
  ['\u{1b}[31mred', String.raw`\u{1b}[31mred`],
  ['\u{9b}31m', String.raw`\u{9b}31m`],
  ['\u{202e}nimda', String.raw`\u{202e}nimda`],
  ['a\u{2028}b', String.raw`a\u{2028}b`],
  ['half \ud800', String.raw`half \u{d800}`],
])('%j is written as %j', (text, written) => {
  expect([shown(text), shownName(text)]).toEqual([written, written])
})

test('a token is never a name, nor is half of one', async () => {
  const token = await makeToken()
  const [header = '', payload = '', signature = ''] = token.split('.')
  for (const text of [
    token,
    header,
    payload,
    signature,
    `${header}.`,
    `${header}.${payload}`,
    `${payload}.${signature}`,
    token.slice(0, 63),
    `user=${header}`,
    token.toLowerCase(),
  ])
    expect(shownName(text)).toBe('(masked)')
})

test('whatever comes, what is written is one line, short, and moves no cursor', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
      for (const written of [shown(text), shownName(text)]) {
        expect(written).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
        expect(written.length).toBeLessThanOrEqual(256 * 9)
      }
    }),
  )
})
