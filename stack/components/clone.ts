/** Makes one server's data a copy of another's that runs, as pg_basebackup does, and marks data as a standby's. */
import { chownSync, cpSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'
import { hand } from '../providers/unprivileged.ts'

/** What belongs to the running server alone, or is made anew when one starts. */
const left: ReadonlySet<string> = new Set([
  'postmaster.pid',
  'postmaster.opts',
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
  'postgresql.auto.conf',
  'standby.signal',
])
const emptied = [...left].filter((name) => name.startsWith('pg_'))

/** `client` is a superuser's on the server whose data lie at `from`; whatever ran on `to` runs no more. */
export async function cloneFrom(client: pg.Client, from: string, to: string): Promise<void> {
  const { uid, gid } = statSync(to)
  await client.query(`select pg_backup_start('clone', true)`)
  for (const name of readdirSync(to)) rmSync(join(to, name), { recursive: true, force: true })
  for (const name of readdirSync(from)) if (!left.has(name)) copy(join(from, name), join(to, name))
  for (const name of [...emptied, 'pg_wal/archive_status', 'pg_wal/summaries']) mkdirSync(join(to, name), { mode: 0o700, recursive: true })
  const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)')
  writeFileSync(join(to, 'backup_label'), rows[0]?.labelfile ?? '', { mode: 0o600 })
  hand(to, { uid, gid })
}

/** A file may vanish while it is copied: the log brings back what is missing. */
function copy(from: string, to: string): void {
  try {
    cpSync(from, to, { recursive: true, force: true, errorOnExist: false })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

/** Whoever starts on these data accepts no writes; `settings` say whom it follows. */
export function markStandby(data: string, settings: string): void {
  const { uid, gid } = statSync(data)
  for (const [name, text] of [
    ['standby.signal', ''],
    ['postgresql.auto.conf', settings],
  ] as const) {
    writeFileSync(join(data, name), text, { mode: 0o600 })
    chownSync(join(data, name), uid, gid)
  }
}
