/** A state root of its own for one test, gone with everything in it afterwards. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listRuns, undoRun } from '../sweep.ts'

export interface Scratch extends AsyncDisposable {
  readonly root: string
}

/** Points OROCHI_STATE_DIR at a fresh folder; disposing undoes every run in it and removes it. */
export function scratchState(): Scratch {
  const before = process.env['OROCHI_STATE_DIR']
  const root = mkdtempSync(join(tmpdir(), 'orochi-scratch-'))
  chmodSync(root, 0o711)
  process.env['OROCHI_STATE_DIR'] = root
  return {
    root,
    async [Symbol.asyncDispose]() {
      for (const { run } of listRuns()) await undoRun(run)
      rmSync(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
      if (before === undefined) delete process.env['OROCHI_STATE_DIR']
      else process.env['OROCHI_STATE_DIR'] = before
    },
  }
}
