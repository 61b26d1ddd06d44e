/** Container images as values: the official ones by default, or local ones made from npm's Node and Postgres packages without any pull. */
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { $ } from 'zx'
import { findPostgres } from './components/postgres-binary.ts'
import { HarnessError } from './harness-error.ts'

export interface ImageChoice {
  readonly official: string
  readonly local: string
}

const nodeMajor = 24

export const images = {
  postgres: (major: number): ImageChoice => ({ official: `postgres:${major}`, local: `orochi-harness/postgres:${major}` }),
  node: (): ImageChoice => ({ official: `node:${nodeMajor}-slim`, local: `orochi-harness/node:${nodeMajor}` }),
}

/** What a shell script that starts a part may call in the local images. */
const shellTools = ['sh', 'cp', 'mkdir', 'chmod', 'rm', 'cat', 'ls', 'touch', 'sleep', 'env', 'mv', 'ln', 'id', 'chown', 'tar']

const require = createRequire(import.meta.url)
const shell = $({ quiet: true })

/** Builds both local images with the daemon at hand; returns their names. Linux only: they hold this machine's C library. */
export async function buildImages(say: (line: string) => void): Promise<readonly string[]> {
  if (process.platform !== 'linux')
    throw new HarnessError('capability-absent', 'local images can be made on Linux only: pull the official ones with `docker pull`')
  const built = [await buildPostgres(18), await buildNode()]
  for (const name of built) say(`built ${name}`)
  return built
}

async function buildPostgres(major: 18): Promise<string> {
  const native = dirname(dirname(findPostgres(major).postgres))
  return buildImage(images.postgres(major).local, async (root) => {
    cpSync(native, join(root, 'pg'), { recursive: true, verbatimSymlinks: true })
    await copyWithLibraries(
      root,
      ['initdb', 'pg_ctl', 'postgres'].map((name) => [join(native, 'bin', name), `/pg/bin/${name}`] as const),
    )
    return ['ENV PATH=/pg/bin:/bin', 'STOPSIGNAL SIGINT', 'USER postgres']
  })
}

async function buildNode(): Promise<string> {
  const binary = join(dirname(require.resolve('node/package.json')), 'bin', 'node')
  return buildImage(images.node().local, async (root) => {
    await copyWithLibraries(root, [[binary, '/bin/node']])
    return ['ENV PATH=/bin', 'USER nobody']
  })
}

async function buildImage(name: string, fill: (root: string) => Promise<readonly string[]>): Promise<string> {
  const context = mkdtempSync(join(tmpdir(), 'orochi-image-'))
  try {
    const root = join(context, 'root')
    await layBase(root)
    const lines = await fill(root)
    await shell`tar -C ${root} --owner=0 --group=0 --numeric-owner -cf ${join(context, 'root.tar')} .`
    rmSync(root, { recursive: true, force: true })
    writeFileSync(
      join(context, 'Dockerfile'),
      ['FROM scratch', 'ADD root.tar /', 'LABEL org.orochi.harness=image', ...lines, ''].join('\n'),
    )
    await shell`docker build -t ${name} ${context}`
    return name
  } finally {
    rmSync(context, { recursive: true, force: true })
  }
}

/** A root folder with a shell, the tools a start script needs, and the accounts the parts run under. */
async function layBase(root: string): Promise<void> {
  for (const folder of ['bin', 'etc', 'tmp', 'data', 'usr/bin']) mkdirSync(join(root, folder), { recursive: true })
  await shell`chmod 1777 ${join(root, 'tmp')} ${join(root, 'data')}`
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\npostgres:x:999:999::/data:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n')
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\npostgres:x:999:\nnogroup:x:65534:\n')
  writeFileSync(join(root, 'etc/nsswitch.conf'), 'hosts: files dns\n')
  const tools = await Promise.all(
    shellTools.map(async (tool) => [(await shell`command -v ${tool}`).stdout.trim(), `/bin/${tool}`] as const),
  )
  await copyWithLibraries(root, tools)
}

/** Copies programs to their places, each with the shared libraries it names, so that the loader finds them where it looks. */
async function copyWithLibraries(root: string, programs: readonly (readonly [from: string, to: string])[]): Promise<void> {
  for (const [from, to] of programs) {
    copyFileSync(realpathSync(from), join(root, to))
    chmodSync(join(root, to), 0o755)
    const { stdout } = await shell({ nothrow: true })`ldd ${from}`
    for (const [, found, loader] of stdout.matchAll(/=> (\/\S+)|^\s*(\/\S+)/gm)) copyLibrary(root, found ?? loader ?? '')
  }
}

function copyLibrary(root: string, library: string): void {
  if (library.includes('node_modules') || existsSync(join(root, library))) return
  mkdirSync(dirname(join(root, library)), { recursive: true })
  copyFileSync(realpathSync(library), join(root, library))
  chmodSync(join(root, library), 0o755)
}

/** Names of the images the daemon has, as `name:tag`. */
export async function presentImages(limitMs: number): Promise<ReadonlySet<string>> {
  const { stdout } = await shell({ timeout: limitMs })`docker image ls --format ${'{{.Repository}}:{{.Tag}}'}`
  return new Set(stdout.trim().split('\n'))
}

/** The image to use: what the environment names, else the local one, else the official one, if the daemon has it; null if none. */
export function chooseImage(choice: ImageChoice, present: ReadonlySet<string>, env: NodeJS.ProcessEnv = process.env): string | null {
  const named = env[choice.official.startsWith('postgres') ? 'OROCHI_IMAGE_POSTGRES' : 'OROCHI_IMAGE_NODE']
  return [named, choice.local, choice.official].find((image) => image !== undefined && present.has(image)) ?? null
}

/** Sweeps containers of dead runs where it is at hand; else the ledger's labels do. */
export const ryukImage = 'testcontainers/ryuk:0.14.0'
