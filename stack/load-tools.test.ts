import { expect, test } from 'vitest'
import { detectTool, toolOf } from './load-tools.ts'

test('a tool that is not there says how to get it', () => {
  expect(toolOf('k6', { PATH: '/nowhere' })).toBeNull()
  expect(detectTool('k6', { PATH: '/nowhere' })).toMatchObject({
    here: false,
    why: expect.stringContaining('go install go.k6.io/k6@latest') as string,
  })
  expect(detectTool('pgbench', { PATH: '/nowhere', PGBENCH_BIN: '/nowhere/pgbench' })).toMatchObject({
    here: false,
    why: expect.stringMatching(/^PGBENCH_BIN names \/nowhere\/pgbench, which does not run/) as string,
  })
})
