import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { findForbidden, importsOf, isAllowed, readArrows } from './arrows.ts'

const arrows = readArrows(
  'text\n```arrows\nspec →\nreference/wire →\nreference/gateway → reference/wire\nstack → spec fixtures\nreports → spec scenarios/checks\n```\n',
)

test.each([
  ['spec/load.ts', 'spec/entry.ts', true],
  ['spec/load.ts', 'stack/raise.ts', false],
  ['stack/raise.ts', 'spec/entry.ts', true],
  ['stack/raise.ts', 'reference/gateway/index.ts', false],
  ['reference/gateway/token.ts', 'reference/wire/index.ts', true],
  ['reference/gateway/token.ts', 'reference/router/index.ts', false],
  ['reports/rows.ts', 'scenarios/checks/lost.ts', true],
  ['reports/rows.ts', 'scenarios/run.ts', false],
])('%s → %s: %s', (file, target, expected) => {
  expect(isAllowed({ file, target }, arrows)).toBe(expected)
})

test('imports of all forms are found with their lines', () => {
  const text = `import type { A } from './a.ts'\n${'import'} '../b.ts'\nexport * from './c.ts'\nconst d = await import('../spec/d.ts')\n`
  expect(importsOf('stack/x.ts', text).map(({ line, target }) => [line, target])).toEqual([
    [1, 'stack/a.ts'],
    [2, 'b.ts'],
    [3, 'stack/c.ts'],
    [4, 'spec/d.ts'],
  ])
})

test('the project keeps its own arrows, which CONTRIBUTING.md draws', () => {
  expect(readArrows(readFileSync(join(resolve(import.meta.dirname, '..'), 'CONTRIBUTING.md'), 'utf8')).size).toBeGreaterThan(10)
  expect(findForbidden()).toEqual([])
})
