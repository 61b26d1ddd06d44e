import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { WantedCluster } from '../provisioner.ts'
import { askAdmin } from './admin.ts'
import { pgdogToml, usersToml } from './pgdog-files.ts'
import { reloadPod } from './reload.ts'
import { pods } from './testing/controllers.ts'
import { startFakeApiServer } from './testing/fake-api-server.ts'
import { pgdog } from './testing/pgdog.ts'
import { sharded, testConfig, wantedCluster } from './testing/plans.ts'
import { apiFor } from './testing/stage.ts'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}

async function startPgdog(wanted: WantedCluster) {
  const folder = mkdtempSync(join(tmpdir(), 'orochi-pgdog-reload-'))
  const [port, metrics, health] = [await freePort(), await freePort(), await freePort()]
  const write = (cluster: WantedCluster) => {
    const text = pgdogToml(cluster, () => '127.0.0.1', 1)
    const ours = {
      'port = 6432': `port = ${port}`,
      'openmetrics_port = 9090': `openmetrics_port = ${metrics}`,
      'healthcheck_port = 8080': `healthcheck_port = ${health}`,
    }
    writeFileSync(
      join(folder, 'pgdog.toml'),
      Object.entries(ours).reduce((all, [from, to]) => all.replace(from, to), text),
    )
  }
  write(wanted)
  writeFileSync(join(folder, 'users.toml'), usersToml(wanted, { app: 'app-secret', admin: 'admin-secret' }))
  const child = spawn(pgdog!, ['--config', join(folder, 'pgdog.toml'), '--users', join(folder, 'users.toml'), 'run'], { stdio: 'ignore' })
  const admin = `postgres://admin:admin-secret@127.0.0.1:${port}/admin`
  const stop = async () => {
    child.kill('SIGKILL')
    await once(child, 'exit')
    rmSync(folder, { recursive: true, force: true })
  }
  return { admin, write, [Symbol.asyncDispose]: stop }
}

test.skipIf(pgdog === undefined)('a real PgDog counts as reloaded when it shows the new settings, and not before', async () => {
  const signal = AbortSignal.timeout(60_000)
  const before = wantedCluster(sharded)
  const after = wantedCluster({ ...sharded, pooler: { ...sharded.pooler, max_connections: 40, idle_timeout_seconds: 3690 } }, 'acme', 2)
  await using running = await startPgdog(before)
  await expect
    .poll(
      () =>
        askAdmin(running.admin, 'SHOW VERSION', signal).then(
          () => 'up',
          () => 'down',
        ),
      { timeout: 20_000 },
    )
    .toBe('up')
  await using server = await startFakeApiServer()
  server.store.update(pods, 'p', 'kubelet', { metadata: {} })
  const place = { api: apiFor(server.url), config: testConfig(), owner: { clusterId: 'acme', installation: 'default' }, signal }
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } }
  const endpoint = { part: 'pooler' as const, name: 'p', metrics: null, admin: running.admin }
  const early = await reloadPod(place, pod, endpoint, after, askAdmin, { withinMs: 4_000, pauseMs: 50 })
  expect(early).toEqual({ instance: 'p', reloaded: false, message: 'default_pool_size is 12, not 5; idle_timeout is 10m, not 3690000 ms' })
  running.write(after)
  const late = await reloadPod(place, pod, endpoint, after, askAdmin, { withinMs: 20_000, pauseMs: 50 })
  expect(late).toEqual({ instance: 'p', reloaded: true, message: 'reads generation 2' })
})
