import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { maxDepth, parseStrictly, toAscii } from './json-text.ts'

test('whatever JSON writes is parsed to the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const text = JSON.stringify(value)
      expect(parseStrictly(text)).toEqual({ value: JSON.parse(text) })
    }),
  )
})

test('ASCII text says the same as the text it was made of, and is ASCII', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const text = JSON.stringify(value)
      expect(toAscii(text)).toMatch(/^[\x20-\x7e]*$/)
      expect(JSON.parse(toAscii(text))).toEqual(JSON.parse(text))
    }),
  )
  expect(toAscii('{"n": 1.0, "ü":"🐍"}')).toBe('{"n": 1.0, "\\u00fc":"\\ud83d\\udc0d"}')
})

test.each([
  ['{"a":1,"a":2}', 'duplicate-key'],
  ['{"a":1,"\\u0061":2}', 'duplicate-key'],
  ['{"x":{"a":[{"b":1, "b" : 2}]}}', 'duplicate-key'],
  ['{"a":1', 'not-json'],
  ['', 'not-json'],
  ['\u{feff}{}', 'not-json'],
  ['['.repeat(maxDepth + 1) + ']'.repeat(maxDepth + 1), 'too-deep'],
  ['['.repeat(30_000) + ']'.repeat(30_000), 'too-deep'],
])('%j is refused', (text, fault) => {
  expect(parseStrictly(text)).toEqual({ fault })
})

test.each(['{"a":{"a":1},"b":{"a":"a"}}', '{"a":"{\\"a\\":1,\\"a\\":2}"}', '["a","a"]', '['.repeat(maxDepth) + ']'.repeat(maxDepth)])(
  '%s is taken',
  (text) => {
    expect(parseStrictly(text)).toHaveProperty('value')
  },
)
