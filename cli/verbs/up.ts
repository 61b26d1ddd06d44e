/** `up`: a system that stays until `down`, and how to connect to it. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { HarnessError } from '../../stack/harness-error.ts'
import type { Kept } from '../../stack/keep.ts'
import { limitMs } from '../../stack/limits.ts'
import { projectRoot } from '../project.ts'
import { readSuiteOptions, type RawOptions } from '../suite-options.ts'
import { mintFor } from '../up-token.ts'

export async function up(raw: RawOptions): Promise<number> {
  const { poolers, provider, topology, programs } = readSuiteOptions([], raw)
  const run = `up-${randomBytes(3).toString('hex')}`
  const kept = await keep(run, provider, JSON.stringify({ programs, pooler: { kind: poolers[0] }, topology }))
  const token = await mintFor(kept, { tenant: 'tenant-a', ttlSeconds: 3600, claims: {} })
  const { door, caFile } = kept
  console.log(`run        ${run} (${kept.setting.topology})`)
  for (const [part, version] of Object.entries(kept.versions)) console.log(`           ${part}: ${version}`)
  console.log(
    `gateway    postgres://tenant_user:<token>@${door.host}:${door.port}/${door.database}?sslmode=verify-full&sslrootcert=${caFile}`,
  )
  console.log(
    `pooler     postgres://${kept.pooler.user}:${kept.pooler.password}@${kept.pooler.host}:${kept.pooler.port}/${kept.pooler.database}`,
  )
  kept.servers.forEach((server, shard) =>
    console.log(`shard ${shard}    postgres://${server.user}:${server.password}@${server.host}:${server.port}/${server.database}`),
  )
  console.log(`token      ${token}`)
  console.log(
    `\ntry        PGPASSWORD='${token}' psql "host=localhost hostaddr=${door.host} port=${door.port} user=tenant_user dbname=${door.database} sslmode=verify-full sslrootcert=${caFile}"`,
  )
  console.log(`more       orochi-harness token --run ${run} --tenant tenant-b`)
  console.log(`end        orochi-harness down --run ${run}`)
  return 0
}

/** Starts the keeper in a session of its own and waits for its word. */
async function keep(run: string, provider: string, wish: string): Promise<Kept> {
  const child = spawn(process.execPath, [join(projectRoot, 'stack', 'keep.ts'), run, provider, wish], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: projectRoot,
  })
  const complaints: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk))
  const timer = setTimeout(() => child.kill('SIGTERM'), limitMs('stack-start') + 5_000)
  try {
    for await (const line of createInterface({ input: child.stdout })) if (line.startsWith('{')) return JSON.parse(line) as Kept
    throw new HarnessError('stack-did-not-rise', `the system did not rise: ${Buffer.concat(complaints).toString().trim()}`)
  } finally {
    clearTimeout(timer)
    child.stdout.destroy()
    child.stderr.destroy()
    child.unref()
  }
}
