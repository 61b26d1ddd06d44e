/** Moves the clock of a Node part: a file of eight bytes says by how many ms, a preload in the part reads it. */
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const preload = resolve(import.meta.dirname, '..', '..', 'fixtures', 'clock', 'preload.mjs')

export const clockArgv: readonly string[] = ['--import', preload]

const clockFile = (dir: string) => join(dir, 'clock')

/** Environment of a part with a movable clock; its clock starts at the true time. */
export function clockEnv(dir: string): Record<string, string> {
  setClock(dir, 0)
  return { OROCHI_CLOCK_FILE: clockFile(dir) }
}

/** From this moment on the part's clock is off by so many ms. */
export function setClock(dir: string, offsetMs: number): void {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64LE(BigInt(Math.round(offsetMs)))
  writeFileSync(clockFile(dir), bytes)
}
