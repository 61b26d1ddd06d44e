import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

test('a session that is on holds nothing of its login', () => {
  const program = join(import.meta.dirname, 'testing', 'held.ts')
  const told = execFileSync(process.execPath, ['--expose-gc', program], { encoding: 'utf8', timeout: 20_000 })
  expect(JSON.parse(told)).toEqual({ looked: ['parameters', 'greeting'], held: [], heard: 'still here' })
})
