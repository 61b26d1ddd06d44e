/** Programs on the PATH, with what they say of their version. */
import { execFileSync } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Availability } from '../spec/capability.ts'

export const here = (how: string): Availability => ({ here: true, how })
export const absent = (why: string): Availability => ({ here: false, why })

const answerLimitMs = 5_000

/** The path of a program, or null. */
export function pathOf(name: string, env: NodeJS.ProcessEnv = process.env): string | null {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** A program with its version; one that is not there says how to get it. */
export function findTool(name: string, versionArgv: readonly string[], howToGet: string): Availability {
  const path = pathOf(name)
  if (path === null) return absent(`${name} is not on the PATH: ${howToGet}`)
  try {
    return here(`${path} (${firstLine(path, versionArgv)})`)
  } catch (error) {
    return absent(`${path} does not tell its version: ${(error as Error).message.split('\n')[0]}`)
  }
}

/** The first line a program says. */
export function firstLine(path: string, argv: readonly string[], limitMs = answerLimitMs): string {
  const said = execFileSync(path, argv, { encoding: 'utf8', timeout: limitMs, stdio: ['ignore', 'pipe', 'ignore'] })
  return said.trim().split('\n')[0] ?? ''
}
