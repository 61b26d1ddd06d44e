import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { ClusterSpec } from '../api/cluster-schemas.ts'
import { execSchema } from './exec-config.ts'
import { makeExecProvisioner } from './exec-provisioner.ts'

const dir = mkdtempSync(join(tmpdir(), 'control-plane-exec-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const wanted = { id: 'acme', spec: ClusterSpec.parse({ pooler: { max_connections: 40 }, deployment: { replicas: 2 } }), generation: 3 }
const never = new AbortController().signal
const nowhere = ['postgres://127.0.0.1:1/none']

/** A program of one line of JavaScript. */
const node = (code: string, timeoutMs = 30_000) => ({ argv: [process.execPath, '-e', code, '{cluster}', '{warmth}'], timeoutMs })

function make(commands: Record<string, unknown>, more: Record<string, unknown> = {}, cluster: Record<string, unknown> = {}) {
  const all = { start: { argv: ['true'] }, stop: { argv: ['true'] }, ...commands }
  return makeExecProvisioner(
    execSchema.parse({ kind: 'exec', clusters: { acme: { servers: nowhere, commands: all, ...cluster } }, ...more }),
  )
}

test('a command is told what it is about: by its arguments, its environment and its input, and nothing else of ours', async () => {
  const file = join(dir, 'told.json')
  const code = `const fs = require('fs'); fs.writeFileSync(${JSON.stringify(file)}, JSON.stringify({ argv: process.argv.slice(1), env: process.env, input: JSON.parse(fs.readFileSync(0, 'utf8')) }))`
  await make({ start: node(code) }, { environment: { PLACE: 'here' } }).resume(wanted, 'warm', never)
  const told = JSON.parse(readFileSync(file, 'utf8')) as { argv: string[]; env: Record<string, string>; input: object }
  expect(told.argv).toEqual(['acme', 'warm'])
  expect(told.input).toMatchObject({ id: 'acme', generation: 3, pool_size: 20, spec: { pooler: { max_connections: 40 } } })
  expect(told.env).toMatchObject({ OROCHI_CLUSTER: 'acme', OROCHI_WARMTH: 'warm', OROCHI_GENERATION: '3', PLACE: 'here' })
  expect(Object.keys(told.env).filter((name) => !/^(OROCHI_|PLACE|PATH|HOME|__CF)/.test(name))).toEqual([])
})

test('how it ends decides: 0 is done, 75 may succeed later, anything else cannot', async () => {
  await expect(make({ start: node('process.exit(75)') }).resume(wanted, 'cold', never)).rejects.toMatchObject({
    retryable: true,
    message: 'start: ended with 75',
  })
  const loud = make({ start: node('console.error("password is secret"); process.exit(3)') }).resume(wanted, 'cold', never)
  const error = await loud.catch((cause: Error) => cause)
  expect(error).toMatchObject({ retryable: false, message: 'start: ended with 3', cause: { message: 'password is secret\n' } })
  await expect(make({ start: { argv: [join(dir, 'nothing')] } }).resume(wanted, 'cold', never)).rejects.toMatchObject({ retryable: false })
  await make({}).apply(wanted, never)
  await expect(makeExecProvisioner(execSchema.parse({ kind: 'exec', clusters: {} })).resume(wanted, 'cold', never)).rejects.toThrow(
    'neither acme nor default',
  )
})

test('one that hangs is cut off with all that it started, in its time or when it is called off', async () => {
  const file = join(dir, 'pids')
  const code = `const { spawn } = require('child_process'); const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' }); require('fs').writeFileSync(${JSON.stringify(file)}, process.pid + ' ' + child.pid); setInterval(() => {}, 1000)`
  const alive = () =>
    readFileSync(file, 'utf8')
      .split(' ')
      .filter((pid) => isRunning(Number(pid)))
  await expect(make({ start: node(code, 4000) }).resume(wanted, 'cold', never)).rejects.toMatchObject({
    retryable: true,
    message: 'start: did not end within 4000 ms and was cut off',
  })
  await expect.poll(alive, { timeout: 10_000 }).toEqual([])
  const off = new AbortController()
  const running = make({ start: node('setInterval(() => {}, 1000)') }).resume(wanted, 'cold', off.signal)
  off.abort()
  await expect(running).rejects.toMatchObject({ retryable: true, message: 'start: was called off' })
})

test('where nobody listens it is stopped; a pooler is not asked then', async () => {
  const poolers = [{ name: 'pooler-0', url: 'postgres://127.0.0.1:1/none' }]
  expect(await make({}, {}, { poolers }).observe(wanted, never)).toEqual({
    state: 'stopped',
    postgres: { ready: false, message: 'does not listen', openTransactions: null },
    poolers: [{ name: 'pooler-0', ready: false, message: 'waits for Postgres', generation: null }],
  })
})

test('each pooler instance is reloaded by itself, and what became of each is told', async () => {
  const poolers = ['p0', 'p1'].map((name) => ({ name, url: 'postgres://127.0.0.1:1/none' }))
  const reload = { argv: [process.execPath, '-e', 'process.exit(process.argv[1] === "p1" ? 4 : 0)', '{instance}'] }
  expect(await make({ reload }, {}, { poolers }).reload(wanted, never)).toEqual([
    { instance: 'p0', reloaded: true, message: '' },
    { instance: 'p1', reloaded: false, message: 'reload: ended with 4' },
  ])
  expect(await make({}, {}, { poolers }).reload(wanted, never)).toMatchObject([{ reloaded: false }, { reloaded: false }])
})

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // A dead child of a dead parent may wait to be buried.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
