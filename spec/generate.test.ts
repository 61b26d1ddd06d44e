/** What is made from the specification: ids, clause names, tags, and the list of ids that were ever published. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson, digestOf } from './digest.ts'
import { firstDifference } from './generate.ts'
import { publish } from './history.ts'
import { hint, nearest } from './nearest.ts'

test('the first difference is told with file and line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spec-'))
  try {
    writeFileSync(join(folder, 'a.txt'), 'one\ntwo\nthree\n')
    expect(firstDifference(folder, new Map([['a.txt', 'one\ntwo\nthree\n']]))).toBeNull()
    expect(firstDifference(folder, new Map([['a.txt', 'one\n2\n3\n']]))).toMatch(/a\.txt:2: is `two`, should be `2`: run npm run spec$/)
    expect(firstDifference(folder, new Map([['a.txt', 'one\ntwo\nthree\nfour\n']]))).toMatch(/a\.txt:4: is ``, should be `four`/)
    expect(firstDifference(folder, new Map([['b.txt', 'one\n']]))).toMatch(/b\.txt:1: /)
    expect(firstDifference(folder, new Map([['a.txt', 'one\ntwo']]))).toMatch(/a\.txt:3: is `three`, should be nothing/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('the command notices what was changed by hand, and a specification that is wrong', () => {
  const root = mkdtempSync(join(tmpdir(), 'spec-'))
  try {
    const dir = join(root, 'spec')
    cpSync(import.meta.dirname, dir, { recursive: true })
    cpSync(join(import.meta.dirname, '../package.json'), join(root, 'package.json'))
    symlinkSync(join(import.meta.dirname, '../node_modules'), join(root, 'node_modules'))
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [join(dir, 'generate.ts'), ...args], { encoding: 'utf8', timeout: 20_000 })
    const change = (name: string, from: string, to: string) =>
      writeFileSync(join(dir, name), readFileSync(join(dir, name), 'utf8').replace(from, to))

    expect(run('--check')).toMatchObject({ status: 0, stderr: '' })
    change('generated/ids.ts', "'JWT-001': ", "'JWT-000': ")
    expect(run('--check').stderr).toMatch(/^spec\/generated\/ids\.ts:\d+: is `'JWT-000': /)
    expect(run('--check').status).toBe(1)
    expect(run()).toMatchObject({ status: 0, stderr: '' })
    expect(run('--check').status).toBe(0)
    change('families/jwt.yaml', 'priority: P0', 'priority: P7')
    expect(run()).toMatchObject({
      status: 1,
      stderr: 'spec/families/jwt.yaml:6: "priority" in "entries": priority "P7" is not known: did you mean "P0"?\n',
    })
  } finally {
    rmSync(root, { recursive: true })
  }
}, 60_000)

test('published ids only ever join', () => {
  expect(publish('B-001\nA-001\n', ['C-001', 'A-001'])).toBe('A-001\nB-001\nC-001\n')
})

test('a digest does not depend on the order of keys', () => {
  expect(canonicalJson({ b: 1, a: [true, null, 'x'], c: undefined })).toBe('{"a":[true,null,"x"],"b":1}')
  const values = fc.dictionary(fc.string(), fc.jsonValue())
  fc.assert(
    fc.property(values, (value) => {
      const turned = Object.fromEntries(Object.entries(value).toReversed())
      expect(digestOf(turned)).toBe(digestOf(value))
    }),
  )
})

test('canonical JSON says what JSON says', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})

test('a misspelt word is recognised, an unlike one is not', () => {
  expect(nearest('gatway', ['pooler', 'gateway', 'tls'])).toBe('gateway')
  expect(nearest('=', ['<', '>'])).toBeNull()
  expect(hint('kubernetis', ['docker', 'kubernetes'])).toBe('did you mean "kubernetes"?')
  expect(hint('zzzzz', ['docker', 'tls'])).toBe('known here: docker, tls')
})
