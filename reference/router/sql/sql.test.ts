import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { effectsOf, isParameterName } from './effects.ts'
import { literal } from './literal.ts'
import { applySql, readRow, restoreSql } from './parameters.ts'
import { tokensOf } from './tokens.ts'

const texts = (sql: string): string[] => [...tokensOf(sql)].map(({ token }) => `${token.kind[0]}:${token.text}`)

test.each([
  ['select 1', ['w:select', 'o:1']],
  ['SELECT "A""b"', ['w:select', 'n:A"b']],
  ["select 'it''s'", ['w:select', "s:it's"]],
  ["select E'a\\'b' x", ['w:select', 's:null', 'w:x']],
  ["select e'ab'", ['w:select', 's:ab']],
  ["select U&'ab'", ['w:select', 's:null']],
  ['select $$a;b$$;', ['w:select', 's:a;b', 'o:;']],
  ['select $x$a$$b$x$', ['w:select', 's:a$$b']],
  ['select $1', ['w:select', 'o:$1']],
  ['/* a /* b */ c */ select -- x\n 1', ['w:select', 'o:1']],
  ["select 'open", ['w:select', 's:open']],
  ['select /* open', ['w:select']],
  ['a$b$c', ['w:a$b$c']],
  ['', []],
])('tokens of %j', (sql, expected) => {
  expect(texts(sql)).toEqual(expected)
})

test('tokens cover any text without end or overlap', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'aE$\'"\\/*-; \n;x1'.split('')), maxLength: 40 }), (sql) => {
      let at = 0
      for (const { start, end } of tokensOf(sql)) {
        expect(start).toBeGreaterThanOrEqual(at)
        expect(end).toBeGreaterThan(start)
        at = end
      }
      expect(at).toBeLessThanOrEqual(sql.length)
    }),
  )
})

const seen = (sql: string): { set: string[]; reset: string[] | 'all' } => {
  const { set, reset } = effectsOf(sql)
  return { set: [...set], reset: reset === 'all' ? 'all' : [...reset] }
}

test.each<[string, string[], string[] | 'all']>([
  ['set a.b to 1', ['a.b'], []],
  ['SET SESSION "A.b" = 1', ['a.b'], []],
  ['set local work_mem = 1', ['work_mem'], []],
  ["set time zone 'UTC'", ['timezone'], []],
  ['set session authorization x', ['session_authorization', 'role'], []],
  [
    'set session characteristics as transaction read only',
    ['default_transaction_isolation', 'default_transaction_read_only', 'default_transaction_deferrable'],
    [],
  ],
  ['set role x', ['role'], []],
  ['set transaction read only', [], []],
  ['set transaction_read_only = on', [], []],
  ["set names 'latin1'", ['client_encoding'], []],
  ['set x to default', [], ['x']],
  ['reset x', [], ['x']],
  ['reset time zone', [], ['timezone']],
  ['reset all', [], 'all'],
  ['discard all', [], 'all'],
  ['discard temp', [], []],
  ['update t set x = 1', [], []],
  ['begin; set x to 1; /* c */ set y = 2; commit', ['x', 'y'], []],
  ["select set_config('a.b', 'c', false), 1", ['a.b'], []],
  ["select pg_catalog.set_config('A.b', 'c', false)", ['a.b'], []],
  ['select set_config($1, $2, false)', [], []],
  ["select 'set x to 1'", [], []],
  ['do $$ begin set x to 1; end $$', [], []],
  ['SET', [], []],
  ['set ;;; reset', [], []],
])('effects of %j', (sql, set, reset) => {
  expect(seen(sql)).toEqual({ set, reset })
})

test.each<[string, string | null]>([
  ['deallocate x', 'x'],
  [' DEALLOCATE PREPARE "X y" ; ', 'X y'],
  ['deallocate all', null],
  ['deallocate prepare', 'prepare'],
  ['deallocate x; select 1', null],
  ['select 1', null],
])('the only deallocated name of %j', (sql, name) => {
  expect(effectsOf(sql).deallocate?.name ?? null).toBe(name)
})

test('the name of a DEALLOCATE is where it is said to be', () => {
  const sql = ' deallocate "a b" ;'
  const found = effectsOf(sql).deallocate
  expect(sql.slice(found?.start, found?.end)).toBe('"a b"')
})

test('parameter names', () => {
  expect(['a', 'a.b', 'orochi.claims', '_x.$y'].map(isParameterName)).toEqual([true, true, true, false])
  expect(['', 'a b', "a'", 'a.', '.a', 'a"b'].some(isParameterName)).toBe(false)
})

test('a literal cannot end early, and holds every text', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'a\'"\\$;é\n'.split('')) }), (text) => {
      const written = literal(text)
      if (!written.startsWith('E')) return
      const inner = written.slice(2, -1)
      expect(inner.replaceAll('\\\\', '').replaceAll("''", '')).not.toMatch(/['\\]/)
      expect(inner.replaceAll('\\\\', '\\').replaceAll("''", "'")).toBe(text)
    }),
  )
  expect(literal('é')).toBe("pg_catalog.convert_from(pg_catalog.decode('c3a9', 'hex'), 'UTF8')")
})

test('identity is given up last', () => {
  const sql =
    applySql(
      new Map([
        ['role', 'r'],
        ['a.b', '1'],
        ['session_authorization', 's'],
      ]),
    ) ?? ''
  expect(sql.indexOf('a.b')).toBeLessThan(sql.indexOf('session_authorization'))
  expect(sql.indexOf('session_authorization')).toBeLessThan(sql.indexOf('role'))
})

test('nothing to set, nothing to say', () => {
  expect(applySql(new Map())).toBeNull()
  expect(restoreSql(new Map())).toBeNull()
})

test('what was asked for is read back byte for byte', () => {
  expect(readRow(['a', 'b'], ['f', Buffer.from("é'").toString('hex'), 't', null])).toEqual([
    { name: 'a', isReset: false, value: "é'" },
    { name: 'b', isReset: true, value: null },
  ])
})
