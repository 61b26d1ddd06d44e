import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pgdogToml, usersToml } from './pgdog-files.ts'
import { pgdog } from './testing/pgdog.ts'
import { sharded, wantedCluster } from './testing/plans.ts'

const odd = 'quote " backslash \\ line \n delete \u007f end'
const cases = {
  plain: {},
  sharded,
  branches: { branches: [{ name: 'dev', database: 'orochi_dev' }] },
  everything: {
    ...sharded,
    pooler: { ...sharded.pooler, mode: 'transaction', read_write_split: true, max_connections: 1000, idle_timeout_seconds: 5 },
    deployment: {
      replicas: 3,
      sharded_tables: ['smallint', 'integer', 'bigint', 'uuid', 'text'].map((data_type, n) => ({
        schema: 'orochi',
        name: `t${n}`,
        column: 'id',
        data_type,
      })),
    },
  },
}

test.skipIf(pgdog === undefined).each(Object.entries(cases))('PgDog itself takes the files of a cluster: %s', (_, spec) => {
  const folder = mkdtempSync(join(tmpdir(), 'orochi-pgdog-files-'))
  try {
    const [config, users] = [join(folder, 'pgdog.toml'), join(folder, 'users.toml')]
    const wanted = wantedCluster(spec)
    writeFileSync(
      config,
      pgdogToml(wanted, (shard) => `server-${shard}`, 30),
    )
    writeFileSync(users, usersToml(wanted, { app: odd, admin: odd }))
    expect(execFileSync(pgdog!, ['--config', config, '--users', users, 'configcheck'], { encoding: 'utf8' })).not.toMatch(/error/i)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
