import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { digestSources, digestTest } from './sources.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'orochi-sources-'))
  writeFileSync(join(dir, 'login.test.ts'), '1')
  writeFileSync(join(dir, 'other.test.ts'), '1')
  writeFileSync(join(dir, 'raw.ts'), '1')
})
afterEach(() => rmSync(dir, { recursive: true }))

const changed = (file: string, digest: () => string): boolean => {
  const before = digest()
  writeFileSync(join(dir, file), '2')
  return digest() !== before
}

test('a proof rests on its test and on what stands beside it to be shared, not on other tests', () => {
  const digest = () => digestTest(join(dir, 'login.test.ts'))
  expect(changed('other.test.ts', digest)).toBe(false)
  expect(changed('login.test.ts', digest)).toBe(true)
  expect(changed('raw.ts', digest)).toBe(true)
})

test('helpers of unit tests do not count as parts', () => {
  mkdirSync(join(dir, 'testing'))
  writeFileSync(join(dir, 'testing', 'fake.ts'), '1')
  expect(changed('testing/fake.ts', () => digestSources([dir]))).toBe(false)
})
