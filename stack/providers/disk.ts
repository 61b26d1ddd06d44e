/** A small disk of a part's own (a file system in memory, mounted by root), which can be filled without harm to the machine. */
import { execFileSync } from 'node:child_process'
import { closeSync, cpSync, existsSync, lstatSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { HarnessError } from '../harness-error.ts'
import type { Ledger } from '../ledger.ts'
import { hand } from './unprivileged.ts'

/** Puts a disk under a folder, with all that lies in it. */
export function mountDisk(path: string, mb: number, ledger: Ledger): void {
  if (process.getuid?.() !== 0) throw new HarnessError('capability-absent', `a disk of its own for ${path} can be mounted by root only`)
  const { uid, gid } = lstatSync(path)
  const aside = `${path}.aside`
  renameSync(path, aside)
  mkdirSync(path)
  ledger.note({ kind: 'mount', owner: process.pid, path })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mb}m,mode=700,uid=${uid},gid=${gid}`, 'orochi-harness', path], { stdio: 'pipe' })
  } catch (error) {
    throw new HarnessError('capability-absent', `a disk of its own for ${path} cannot be mounted here: ${(error as Error).message}`)
  }
  cpSync(aside, path, { recursive: true, preserveTimestamps: true })
  hand(path, { uid, gid })
  rmSync(aside, { recursive: true })
}

/** Takes away every disk at a path; without one there nothing happens. */
export function unmountDisk(path: string): void {
  while (isMounted(path)) execFileSync('umount', ['-l', path], { stdio: 'ignore' })
}

function isMounted(path: string): boolean {
  if (!existsSync('/proc/self/mounts')) return false
  const at = path.replaceAll(' ', '\\040')
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .some((line) => line.split(' ')[1] === at)
}

const filler = (path: string): string => join(path, 'filler')

/** Writes until not one byte more fits; returns how many were written. */
export function fillDisk(path: string): number {
  const file = openSync(filler(path), 'a', 0o600)
  let written = 0
  try {
    for (let size = 1 << 20; size > 0;) {
      try {
        written += writeSync(file, Buffer.alloc(size))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
        size = Math.floor(size / 2)
      }
    }
  } finally {
    closeSync(file)
  }
  return written
}

export function emptyDisk(path: string): void {
  rmSync(filler(path), { force: true })
}
