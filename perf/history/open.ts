/** The history: figures of all runs in one SQLite file that survives its writers and takes several of them at once. */
import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { HarnessError } from '../../stack/harness-error.ts'
import { stateFolder } from '../../stack/state.ts'
import { migrate } from './migrations.ts'

export interface History extends Disposable {
  readonly file: string
  readonly db: DatabaseSync
  /** All of what `work` writes, or nothing. */
  together<T>(work: () => T): T
}

/** A writer waits so long for another's turn to end. */
const patienceMs = 15_000

/** `$OROCHI_HISTORY`, or `history/figures.sqlite` in the state folder. */
export function historyFile(env: NodeJS.ProcessEnv = process.env): string {
  const given = env['OROCHI_HISTORY']
  return given ? resolve(given) : join(stateFolder('history'), 'figures.sqlite')
}

export function openHistory(file: string = historyFile()): History {
  mkdirSync(dirname(file), { recursive: true })
  const db = connect(file)
  return {
    file,
    db,
    together(work) {
      db.exec('begin immediate')
      try {
        const done = work()
        db.exec('commit')
        return done
      } catch (error) {
        db.exec('rollback')
        throw error
      }
    },
    [Symbol.dispose]: () => db.close(),
  }
}

/** Null where nothing was ever recorded. */
export function openHistoryIfThere(file: string = historyFile()): History | null {
  return existsSync(file) ? openHistory(file) : null
}

function connect(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: patienceMs })
  try {
    // Written ahead and flushed at each commit: what was recorded stays recorded, whenever a writer dies.
    db.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on')
    migrate(db, file)
    return db
  } catch (error) {
    db.close()
    if (error instanceof HarnessError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new HarnessError(
      'state-unusable',
      `${file} cannot be used as the history of figures (${why}): move it away, or name another by OROCHI_HISTORY`,
    )
  }
}
