/** The SQL that sets a shard database up: our own, or what a program of another author writes in its place. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { schemaSql, type ShardSetup } from '../../fixtures/schema.ts'
import { HarnessError } from '../harness-error.ts'
import { limitMs } from '../limits.ts'

const projectRoot = resolve(import.meta.dirname, '../..')

/** Scripts to run in order. A program reads the setup as JSON (the key in base64) and writes a list of scripts as JSON. */
export async function scriptsFor(program: string | null, setup: ShardSetup): Promise<readonly string[]> {
  if (program === null) return schemaSql(setup)
  const answer = await ask(resolve(projectRoot, program), JSON.stringify({ ...setup, claimsKey: setup.claimsKey.toString('base64') }))
  const scripts: unknown = JSON.parse(answer)
  if (Array.isArray(scripts) && scripts.every((script) => typeof script === 'string')) return scripts
  throw new HarnessError('stack-did-not-rise', `${program} did not write a list of scripts`)
}

async function ask(program: string, question: string): Promise<string> {
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'pipe'], timeout: limitMs('set-up-step') })
  child.stdin.on('error', () => {}).end(question)
  const [answer, complaint, [code]] = await Promise.all([child.stdout.toArray(), child.stderr.toArray(), once(child, 'close')])
  if (code === 0) return Buffer.concat(answer as Buffer[]).toString()
  const said = Buffer.concat(complaint as Buffer[])
    .toString()
    .trim()
  throw new HarnessError('stack-did-not-rise', `${program} wrote no set-up (exit ${String(code)}): ${said.slice(-500)}`)
}
