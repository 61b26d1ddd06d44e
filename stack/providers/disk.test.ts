import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openLedger } from '../ledger.ts'
import { undoRun } from '../sweep.ts'
import { scratchState } from '../testing/scratch.ts'
import { emptyDisk, fillDisk, mountDisk, unmountDisk } from './disk.ts'

const mountable = process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'x', '/mnt']).status === 0

test.runIf(mountable)('a disk of its own keeps what was there, can be filled, and goes with its run', async () => {
  await using _ = scratchState()
  const ledger = openLedger('disk', 'worker')
  const path = join(ledger.dir, 'stacks', 'data')
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, 'kept'), 'x')
  mountDisk(path, 4, ledger)
  expect(readFileSync(join(path, 'kept'), 'utf8')).toBe('x')
  expect(fillDisk(path)).toBeGreaterThan(3 << 20)
  expect(() => writeFileSync(join(path, 'more'), Buffer.alloc(4096))).toThrow(/ENOSPC/)
  emptyDisk(path)
  writeFileSync(join(path, 'more'), Buffer.alloc(4096))
  await undoRun('disk')
  expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(path)
  expect(existsSync(ledger.dir)).toBe(false)
})

test('where no disk is mounted there is nothing to take away', () => {
  unmountDisk('/nowhere/at all')
})
