import { expect, test } from 'vitest'
import { scratchState } from '../testing/scratch.ts'
import { findPostgres, majors, packageVersions } from './postgres-binary.ts'

test('18 comes with the project', () => {
  const { version, postgres, initdb } = findPostgres(18)
  expect(version).toMatch(/^18\.\d+$/)
  expect(postgres).toMatch(/bin\/postgres$/)
  expect(initdb).toMatch(/bin\/initdb$/)
})

test.for(majors.filter((major) => major !== 18))('%d is not here, and the command that gets it is told', async (major) => {
  await using _ = scratchState()
  expect(() => findPostgres(major)).toThrow(
    expect.objectContaining({ code: 'tool-missing', message: expect.stringContaining(`orochi-harness get postgres-${major}`) }),
  )
})

test('each major has a package version that was tried', () => {
  for (const major of majors) expect(packageVersions[major]).toMatch(new RegExp(`^${major}\\.`))
})
