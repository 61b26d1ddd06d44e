import { lstatSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { stateRoot } from '../state.ts'
import { scratchState } from '../testing/scratch.ts'
import { hand, reachable, unprivileged } from './unprivileged.ts'

const isRoot = process.getuid?.() === 0

test.runIf(!isRoot)('who is not root stays who they are', () => {
  expect(unprivileged()).toBeNull()
})

test.runIf(isRoot)('root becomes nobody, an account that was there before', () => {
  const account = unprivileged()!
  expect(account.uid).toBeGreaterThan(0)
  expect(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' }).trim()).toBe(String(account.uid))
})

test.runIf(isRoot)('what nobody cannot reach is copied once to where everybody can; what a link leads to is not handed on', async () => {
  await using _ = scratchState()
  const account = unprivileged()!
  const folder = mkdtempSync(join(tmpdir(), 'orochi-tree-'))
  try {
    mkdirSync(join(folder, 'tree', 'bin'), { recursive: true })
    const program = join(folder, 'tree', 'bin', 'hello')
    writeFileSync(program, '#!/bin/sh\nid -u\n', { mode: 0o700 })
    writeFileSync(join(folder, 'tree', 'note'), 'x', { mode: 0o600 })
    const copy = reachable(program, account)
    expect(copy.startsWith(stateRoot())).toBe(true)
    expect(reachable(program, account)).toBe(copy)
    expect(execFileSync(copy, { encoding: 'utf8', ...account }).trim()).toBe(String(account.uid))
    expect(statSync(join(copy, '..', '..', 'note')).mode & 0o004).toBe(0o004)

    mkdirSync(join(folder, 'mine'))
    symlinkSync(join(folder, 'tree'), join(folder, 'mine', 'link'))
    hand(join(folder, 'mine'), account)
    expect(lstatSync(join(folder, 'mine', 'link')).uid).toBe(account.uid)
    expect(statSync(join(folder, 'tree')).uid).toBe(0)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('who stays who they are reaches what is there', () => {
  expect(reachable('/bin/sh', null)).toBe('/bin/sh')
})

test.runIf(isRoot)('what everybody reaches is used where it is', () => {
  expect(reachable('/bin/sh', unprivileged())).toBe('/bin/sh')
})
