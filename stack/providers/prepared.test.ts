import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Prepared } from '../launch.ts'
import { openLedger } from '../ledger.ts'
import { stateRoot } from '../state.ts'
import { scratchState } from '../testing/scratch.ts'
import { openPantry } from './prepared.ts'

/** Writes a line into `{out}/made`, and leaves a trace of each making. */
const recipe = (script = 'echo once > "$0/made"; echo x >> "$1"'): Prepared => ({
  key: 'recipe',
  into: 'data',
  make: [['/bin/sh', '-c', script, '{out}', join(stateRoot(), 'makings')]],
  finish: [{ argv: ['/bin/sh', '-c', 'cat > "$0/mine"', '{copy}'], input: 'a secret of this copy' }],
})

function folder(name: string): string {
  const dir = join(stateRoot(), name)
  mkdirSync(dir)
  return dir
}

const makings = () => readFileSync(join(stateRoot(), 'makings'), 'utf8').length / 2
const kept = () => readdirSync(join(stateRoot(), 'cache', 'prepared'))

test('it is made once for all who ask at the same time and later, and each copy is finished by itself', async () => {
  await using _ = scratchState()
  const ledger = openLedger('pantry', 'worker')
  const dirs = ['a', 'b', 'c'].map(folder)
  const pantry = openPantry(ledger)
  await Promise.all(dirs.map((dir) => pantry.lay(recipe(), dir, null)))
  const later = folder('later')
  await openPantry(ledger).lay(recipe(), later, null)
  for (const dir of [...dirs, later]) {
    expect(readFileSync(join(dir, 'data', 'made'), 'utf8')).toBe('once\n')
    expect(readFileSync(join(dir, 'data', 'mine'), 'utf8')).toBe('a secret of this copy')
    expect(readdirSync(dir)).toEqual(['data'])
  }
  expect(makings()).toBe(1)
  expect(existsSync(join(stateRoot(), 'cache', 'prepared', kept()[0]!, 'mine'))).toBe(false)
})

test('another recipe under the same key is another folder', async () => {
  await using _ = scratchState()
  const pantry = openPantry(openLedger('pantry', 'worker'))
  await pantry.lay(recipe(), folder('a'), null)
  await pantry.lay(recipe('echo twice > "$0/made"'), folder('b'), null)
  expect(readFileSync(join(stateRoot(), 'b', 'data', 'made'), 'utf8')).toBe('twice\n')
  expect(kept()).toHaveLength(2)
})

test('a making that fails tells what was said, keeps nothing, and can be tried again', async () => {
  await using _ = scratchState()
  const pantry = openPantry(openLedger('pantry', 'worker'))
  const broken = recipe('test -e "$1.now" && exit 0; echo no flour; exit 4')
  await expect(pantry.lay(broken, folder('a'), null)).rejects.toMatchObject({
    code: 'stack-did-not-rise',
    message: expect.stringMatching(/ended with 4[\s\S]*no flour/),
  })
  expect(kept()).toEqual([])
  writeFileSync(join(stateRoot(), 'makings.now'), '')
  await pantry.lay(broken, folder('b'), null)
  expect(kept()).toHaveLength(1)
})
