/** Lets one process at a time lead: a lock of the system's that is gone with the process, however it ends. */
import { DatabaseSync } from 'node:sqlite'

export interface Lock extends Disposable {
  /** True when it is ours now. Throws what SQLite throws when the file cannot be had. */
  take(): boolean
}

const busy = 5

/** The file beside the store is never written to: a transaction that is held open on it is the lock. */
export function lockBeside(path: string): Lock {
  let held: DatabaseSync | null = null
  return {
    take() {
      if (held !== null) return true
      const database = new DatabaseSync(path, { timeout: 0 })
      try {
        database.exec('pragma locking_mode = normal; pragma journal_mode = delete; begin exclusive')
        held = database
        return true
      } catch (cause) {
        database.close()
        if (((cause as { errcode?: number }).errcode ?? 0) % 256 === busy) return false
        throw cause
      }
    },
    [Symbol.dispose]() {
      held?.close()
      held = null
    },
  }
}
