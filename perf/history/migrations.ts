/** How the history's tables came to be as they are: each step once, in order, never changed afterwards. */
import type { DatabaseSync } from 'node:sqlite'
import { HarnessError } from '../../stack/harness-error.ts'

const steps: readonly string[] = [
  `create table runs (
     id integer primary key,
     name text not null unique,
     at text not null,
     version text not null,
     dirty integer not null,
     seed text not null,
     profile text not null,
     machine text not null,
     stand_in text,
     environment text
   ) strict;
   create table systems (
     id integer primary key,
     fingerprint text not null unique,
     pooler text not null,
     provider text not null,
     topology text not null,
     versions text not null
   ) strict;
   create table figures (
     id integer primary key,
     run integer not null references runs (id) on delete cascade,
     system integer not null references systems (id),
     entry text not null,
     attempt integer not null,
     clause text not null,
     metric text not null,
     unit text not null,
     at text not null,
     value real not null,
     low real,
     high real,
     smallest real,
     verdict text not null,
     result text,
     unique (run, system, entry, attempt, clause, metric)
   ) strict;
   create index figures_by_metric on figures (entry, clause, metric, system);
   create index runs_by_machine on runs (machine, at);`,
]

export const newestVersion = steps.length

/** Brings a file up to date. Two processes that do it at once do it one after the other. */
export function migrate(db: DatabaseSync, file: string): void {
  if (versionOf(db) === newestVersion) return
  db.exec('begin immediate')
  try {
    const version = versionOf(db)
    if (version > newestVersion)
      throw new HarnessError(
        'state-unusable',
        `${file} was written by a newer harness (tables of version ${version}, this one knows ${newestVersion}): use that one, or name another file by OROCHI_HISTORY`,
      )
    for (const step of steps.slice(version)) db.exec(step)
    db.exec(`pragma user_version = ${newestVersion}`)
    db.exec('commit')
  } catch (error) {
    db.exec('rollback')
    throw error
  }
}

function versionOf(db: DatabaseSync): number {
  return Number(db.prepare('pragma user_version').get()?.['user_version'])
}
