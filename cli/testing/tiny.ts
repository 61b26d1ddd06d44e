/** The harness on a tiny catalogue, in folders of its own: what the contract tests of the command run. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { spawn, type ChildProcess } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectRoot } from '../project.ts'

export interface Ended {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export interface Tiny extends Disposable {
  readonly dir: string
  /** Starts a program in the project's folder; it is killed with this if it still runs. */
  start(program: string, ...argv: string[]): ChildProcess
  /** Runs the command to its end. */
  harness(...words: string[]): Promise<Ended>
}

/** What the test runner itself sets must not reach the programs. */
const ofTheRunner = ['VITEST', 'VITEST_POOL_ID', 'VITEST_WORKER_ID', 'NODE_ENV', 'TEST']

/** `catalogue`: the folder of specification, suites and liars. */
export function openTiny(catalogue = 'ci/tiny'): Tiny {
  const dir = mkdtempSync(join(tmpdir(), 'orochi-tiny-'))
  // Postgres of a root user runs as somebody else, who must be able to pass.
  chmodSync(dir, 0o711)
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !ofTheRunner.includes(name) && !name.startsWith('npm_')),
  )
  const env = {
    ...inherited,
    OROCHI_SPEC_DIR: join(projectRoot, catalogue, 'spec'),
    OROCHI_SUITES_DIR: `${catalogue}/suites`,
    OROCHI_LIARS_DIR: `${catalogue}/liars`,
    OROCHI_OUT: join(dir, 'out'),
    OROCHI_STATE_DIR: join(dir, 'state'),
  }
  const children: ChildProcess[] = []
  const start = (program: string, ...argv: string[]) => {
    const child = spawn(program, argv, {
      env,
      cwd: projectRoot,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 100_000,
      killSignal: 'SIGKILL',
    })
    children.push(child)
    return child
  }
  return {
    dir,
    start,
    harness: (...words) => endOf(start(process.execPath, join(projectRoot, 'cli/bin.mjs'), ...words)),
    [Symbol.dispose]() {
      for (const child of children) child.kill('SIGKILL')
      rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    },
  }
}

export async function endOf(child: ChildProcess): Promise<Ended> {
  const text = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) child[name]?.on('data', (chunk: Buffer) => (text[name] += String(chunk)))
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve(code ?? -1))
  })
  return { exitCode, ...text }
}
