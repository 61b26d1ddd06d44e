import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { stateFolder, stateRoot } from './state.ts'

async function inTemporary(act: (folder: string) => void): Promise<void> {
  const before = process.env['OROCHI_STATE_DIR']
  const folder = mkdtempSync(join(tmpdir(), 'orochi-state-'))
  chmodSync(folder, 0o755)
  try {
    act(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
    if (before === undefined) delete process.env['OROCHI_STATE_DIR']
    else process.env['OROCHI_STATE_DIR'] = before
  }
}

const use = (root: string) => void (process.env['OROCHI_STATE_DIR'] = root)

test('folders are passable by others whatever the umask', () =>
  inTemporary((folder) => {
    use(join(folder, 'root'))
    const umask = process.umask(0o077)
    try {
      expect(statSync(stateFolder('a', 'b')).mode & 0o777).toBe(0o711)
      expect(statSync(stateRoot()).mode & 0o777).toBe(0o711)
    } finally {
      process.umask(umask)
    }
  }))

test('a root that others can write is refused', () =>
  inTemporary((folder) => {
    mkdirSync(join(folder, 'open'))
    chmodSync(join(folder, 'open'), 0o777)
    use(join(folder, 'open'))
    expect(() => stateFolder('a')).toThrow(/only this user can write/)
  }))

test('a root that is a link to elsewhere is refused', () =>
  inTemporary((folder) => {
    mkdirSync(join(folder, 'real'))
    symlinkSync(join(folder, 'real'), join(folder, 'link'))
    use(join(folder, 'link'))
    expect(() => stateFolder('a')).toThrow(/only this user can write/)
  }))

test('a file where the root should be is told in one sentence', () =>
  inTemporary((folder) => {
    use(join(folder, 'x', 'root'))
    symlinkSync('/dev/null', join(folder, 'x'))
    expect(() => stateFolder('a')).toThrow(expect.objectContaining({ code: 'state-unusable' }))
  }))

test.runIf(process.getuid?.() === 0)('root is told when the unprivileged user cannot pass', () =>
  inTemporary((folder) => {
    mkdirSync(join(folder, 'private'), { mode: 0o700 })
    use(join(folder, 'private', 'root'))
    expect(() => stateFolder('a')).toThrow(/cannot pass through/)
  }),
)
