import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fill } from './placeholders.ts'

const values = { dir: '/d', host: '127.0.0.1', ports: { main: 5432, 'second-port': 1 }, files: { 'a.conf': '/d/a.conf' } }

test('every placeholder is filled, as often as it stands there', () => {
  expect(fill('{dir}/x {host}:{port:main} {port:second-port} {file:a.conf} {dir}', values)).toBe('/d/x 127.0.0.1:5432 1 /d/a.conf /d')
})

test.for(['{port:none}', '{file:none.conf}'])('%s has no value: a mistake of a component', (text) => {
  expect(() => fill(text, values)).toThrow(/nothing fills the placeholder/)
})

test('braces that are no placeholder stay', () => {
  expect(fill('{"p":"{x}"} { dir } {}', values)).toBe('{"p":"{x}"} { dir } {}')
})

test('a value that looks like a placeholder is not filled again', () => {
  expect(fill('{dir}', { ...values, dir: '{host}' })).toBe('{host}')
})

test('text without braces is left as it is', () => {
  const plain = fc.string().map((text) => text.replaceAll('{', ''))
  fc.assert(fc.property(plain, (text) => fill(text, values) === text))
})
