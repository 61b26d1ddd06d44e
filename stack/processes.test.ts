import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ancestors, awaitDeath, familyOf, identify, isAlive, signal, straysOf } from './processes.ts'

function sleeper(options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
  const child = spawn('sleep', ['60'], { stdio: 'ignore', ...options })
  return { child, id: identify(child.pid!)!, [Symbol.dispose]: () => void child.kill('SIGKILL') }
}

test('a process is itself while it lives, and nobody afterwards', async () => {
  using one = sleeper()
  expect(isAlive(one.id)).toBe(true)
  one.child.kill('SIGKILL')
  await once(one.child, 'exit')
  expect(isAlive(one.id)).toBe(false)
  expect(identify(one.id.pid)).toBeNull()
})

test('a number that belongs to another process by now is not signalled', async () => {
  using one = sleeper()
  const former = { pid: one.id.pid, started: 'long ago' }
  expect(isAlive(former)).toBe(false)
  signal(former, 'SIGKILL')
  expect(await awaitDeath(() => [one.id], 100)).toBe(false)
})

test('signalling one that is gone is no error', () => {
  expect(() => signal({ pid: 2 ** 22 - 7, started: '' }, 'SIGKILL')).not.toThrow()
})

test.runIf(process.platform === 'linux')(
  'a family is the process and all its descendants, also those in sessions of their own',
  async () => {
    const shell = spawn('sh', ['-c', 'setsid sleep 60 & sh -c "sleep 60; :" & echo up; wait'], { stdio: ['ignore', 'pipe', 'ignore'] })
    await once(shell.stdout, 'data')
    const leader = identify(shell.pid!)!
    await expect.poll(() => familyOf(leader).length, { timeout: 3_000 }).toBeGreaterThanOrEqual(4)
    const family = familyOf(leader)
    expect(family[0]).toEqual(leader)
    for (const member of family) signal(member, 'SIGKILL')
    expect(await awaitDeath(() => family, 3_000)).toBe(true)
  },
)

test('among the ancestors of this process is its parent', () => {
  expect(ancestors()[0]?.process.pid).toBe(process.ppid)
})

test.runIf(process.platform === 'linux')('strays work in the folder and carry the mark; who only works there is left alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'orochi-strays-'))
  try {
    using visitor = sleeper({ cwd: folder })
    using other = sleeper({ cwd: folder, env: { ...process.env, OROCHI_PART: 'another-run/part' } })
    using elsewhere = sleeper({ env: { ...process.env, OROCHI_PART: 'my-run/part' } })
    using stray = sleeper({ cwd: folder, env: { ...process.env, OROCHI_PART: 'my-run/part' } })
    expect(straysOf('my-run', folder)).toEqual([stray.id])
    for (const spared of [visitor, other, elsewhere]) expect(isAlive(spared.id)).toBe(true)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
