import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tomlTable, tomlTables } from './toml.ts'

test('tables and lists of tables', () => {
  expect(tomlTable('general', { port: 1, name: 'x', on: true, list: ['a', 2] })).toBe(
    '[general]\nport = 1\nname = "x"\non = true\nlist = ["a", 2]\n',
  )
  expect(tomlTables('users', [{ a: 1 }, { a: 2 }])).toBe('[[users]]\na = 1\n\n[[users]]\na = 2\n')
})

test('a port’s placeholder stands bare, a key that is no word is quoted', () => {
  expect(tomlTable('t', { port: '{port:main}', 'a b': '{host}' })).toBe('[t]\nport = {port:main}\n"a b" = "{host}"\n')
})

test('whatever a text holds, it stays one text on one line, and can be read back', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
      (text) => {
        const [, line = '', ...rest] = tomlTable('t', { key: text }).split('\n')
        expect(rest).toEqual([''])
        expect(line).not.toMatch(/[\x00-\x1f\x7f]/)
        expect(JSON.parse(line.slice('key = '.length))).toBe(text)
      },
    ),
  )
})
