import { expect, test } from 'vitest'
import { readOptions, splitOptions } from './options.ts'
import { ClientParameters } from './parameters.ts'

test('options are split at white space, with backslash escapes', () => {
  expect(splitOptions(' -c  a=b\\ c\t--d=\\\\e ')).toEqual(['-c', 'a=b c', '--d=\\e'])
})

test('options name parameters in three ways', () => {
  expect(readOptions('-c a=1 -cb=2 --c-d=3 -c e=')).toEqual([
    ['a', '1'],
    ['b', '2'],
    ['c_d', '3'],
    ['e', ''],
  ])
})

test('a value may hold -c, + and =', () => {
  expect(readOptions('-c orochi.tenant_id=7d9e-c0de+x=y')).toEqual([['orochi.tenant_id', '7d9e-c0de+x=y']])
})

test.each(['-S 5', '-c', '-c a', '--=x', 'x', '-c =1'])('options %j are not settings', (text) => {
  expect(readOptions(text)).toBeNull()
})

const none = new Set<string>()

test('what the client set goes over what it started with', () => {
  const parameters = new ClientParameters(new Map([['a', '1']]))
  parameters.learn([{ name: 'a', isReset: false, value: '2' }], none)
  expect(parameters.all()).toEqual(new Map([['a', '2']]))
  parameters.learn([{ name: 'a', isReset: false, value: '1' }], none)
  expect(parameters.all()).toEqual(new Map([['a', '1']]))
})

test('what was reset goes back to the start-up value', () => {
  const parameters = new ClientParameters(new Map([['o.a', '1']]))
  parameters.learn([{ name: 'o.a', isReset: false, value: '2' }], none)
  parameters.learn([{ name: 'o.a', isReset: true, value: '' }], new Set(['o.a']))
  expect(parameters.all()).toEqual(new Map([['o.a', '1']]))
})

test('a parameter set to nothing is not one that was reset', () => {
  const parameters = new ClientParameters(new Map([['o.a', '1']]))
  parameters.learn([{ name: 'o.a', isReset: true, value: '' }], none)
  expect(parameters.all()).toEqual(new Map([['o.a', '']]))
})

test("the server's own default needs no replay, an unknown name neither", () => {
  const parameters = new ClientParameters(new Map())
  parameters.learn(
    [
      { name: 'work_mem', isReset: true, value: '4MB' },
      { name: 'no.such', isReset: true, value: null },
    ],
    none,
  )
  expect(parameters.all().size).toBe(0)
})

test('an undeclared parameter once set reads as empty ever after', () => {
  const parameters = new ClientParameters(new Map())
  parameters.learn([{ name: 'a.b', isReset: true, value: '' }], 'all')
  expect(parameters.all()).toEqual(new Map([['a.b', '']]))
})

const meaning = (pairs: [string, string][]): string => new ClientParameters(new Map(pairs)).meaning()

test('meaning depends on what changes a statement, not on names and claims', () => {
  expect(
    meaning([
      ['application_name', 'x'],
      ['orochi.claims', 'y'],
      ['lock_timeout', '1'],
    ]),
  ).toBe(meaning([]))
  expect(
    meaning([
      ['datestyle', 'german'],
      ['timezone', 'UTC'],
    ]),
  ).toBe(
    meaning([
      ['timezone', 'UTC'],
      ['datestyle', 'german'],
    ]),
  )
  expect(meaning([['datestyle', 'german']])).not.toBe(meaning([]))
})

test('a client that sets too much is noticed', () => {
  const parameters = new ClientParameters(new Map())
  parameters.learn(
    Array.from({ length: 201 }, (_, i) => ({ name: `a.x${i}`, isReset: false, value: '1' })),
    none,
  )
  expect(parameters.tooMany).toBe(true)
})
