import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { startFakeUpstream } from './testing/fake-upstream.ts'
import { makeToken } from './testing/issuer.ts'
import { logInOver, makeConfig, openSecure } from './testing/stage.ts'

const here = dirname(fileURLToPath(import.meta.url))
const run = promisify(execFile)
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gateway-package-')))
const modules = join(folder, 'node_modules')
const program = join(modules, '@orochi', 'gateway', 'bin.mjs')

/** As `npm install <tarball>` would lay it out; what it depends on is taken from where this project has it. */
beforeAll(async () => {
  await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: here })
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))!
  mkdirSync(dirname(program), { recursive: true })
  await run('tar', ['-xzf', join(folder, tarball), '--strip-components=1', '-C', dirname(program)])
  installDependencies(join(dirname(program), 'package.json'), createRequire(import.meta.url))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
}

function installDependencies(manifest: string, from: NodeJS.Require): void {
  const { dependencies = {} } = JSON.parse(readFileSync(manifest, 'utf8')) as Manifest
  for (const name of Object.keys(dependencies)) {
    const source = from.resolve
      .paths(name)!
      .map((path) => join(path, name))
      .find((path) => existsSync(path))!
    if (existsSync(join(modules, name))) continue
    cpSync(realpathSync(source), join(modules, name), { recursive: true })
    installDependencies(join(source, 'package.json'), createRequire(join(source, 'package.json')))
  }
}

async function start(argv: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  return await run(process.execPath, [program, ...argv], { cwd: folder }).then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
    (cause: { code: number; stdout: string; stderr: string }) => ({ code: cause.code, out: cause.stdout, err: cause.stderr }),
  )
}

function writeConfig(change: (config: ReturnType<typeof makeConfig>) => object, port = 1): string {
  const file = join(folder, 'gateway.yaml')
  writeFileSync(file, stringify(change(makeConfig(folder, { host: '127.0.0.1', port }))))
  return file
}

test('it packs what it runs with, and neither types nor tests', () => {
  const files = readdirSync(dirname(program), { recursive: true }).map(String)
  expect(files).toEqual(expect.arrayContaining(['README.md', 'gateway.example.yaml', 'dist/gateway/bin.js', 'dist/wire/index.js']))
  expect(files.filter((file) => /\.ts$|test/.test(file))).toEqual([])
})

test('--check tells by its exit code whether it could run, and by key, line and remedy why not', async () => {
  expect(await start(['--check', '--config', writeConfig((config) => config)])).toMatchObject({ code: 0, out: expect.stringMatching(/: good\n$/) as string }) // prettier-ignore
  const bad = await start(['--check', '--config', writeConfig(({ roles, ...rest }) => ({ ...rest, role: roles }))])
  expect(bad.code).toBe(2)
  expect(bad.err).toMatch(/^\S+gateway\.yaml:\d+: role: this key is not known; did you mean roles\?$/m)
  expect(await start(['--check', '--config', join(folder, 'nowhere.yaml')])).toMatchObject({ code: 2 })
  rmSync(join(folder, 'k1.pem'))
  const config = join(folder, 'gateway.yaml')
  writeFileSync(config, readFileSync(config, 'utf8').replace('\nrole:', '\nroles:'))
  expect(await start(['--check', '--config', config])).toMatchObject({ code: 2, err: expect.stringMatching(/k1\.pem: cannot be read \(ENOENT\)/) as string }) // prettier-ignore
})

test('--help tells of signals, exit codes and the example; a wrong command line ends with 64', async () => {
  const { code, out } = await start(['--help'])
  expect(code).toBe(0)
  for (const word of ['--config', '--check', 'SIGHUP', 'SIGTERM', '78', 'gateway.example.yaml']) expect(out).toContain(word)
  expect((await start([])).code).toBe(64)
  expect((await start(['--version'])).out).toBe('0.1.0\n')
})

test.each([1, 2])('it serves a login from there, with %i processes', async (count) => {
  await using upstream = await startFakeUpstream()
  const file = writeConfig((config) => ({ ...config, workers: { count } }), upstream.port)
  const child = spawn(process.execPath, [program, '--config', file], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const port = await portTold(child.stdout)
    const client = await logInOver(await openSecure(port), await makeToken())
    expect((await client.until('ready-for-query')).at(-1)?.kind).toBe('ready-for-query')
    client.stream.destroy()
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
  } finally {
    child.kill('SIGKILL')
  }
})

async function portTold(output: NodeJS.ReadableStream): Promise<number> {
  for await (const line of createInterface(output)) {
    const { event, worker, port } = JSON.parse(line) as { event: string; worker?: number; port: number }
    if (event !== 'started' || worker !== undefined) continue
    output.resume()
    return port
  }
  throw new Error('it ended instead of listening')
}
