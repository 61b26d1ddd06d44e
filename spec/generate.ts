/** `npm run spec`: writes what is made from the specification; with `--check`, compares instead and exits 1 naming the first difference. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { publish } from './history.ts'
import { idsSource } from './ids-source.ts'
import { loadSpec, type Spec } from './load.ts'
import { SpecError } from './spec-error.ts'

/** The generated files of a specification: name in its folder → text. */
export function generate(spec: Spec, dir: string): ReadonlyMap<string, string> {
  return new Map([
    ['generated/ids.ts', idsSource([...spec.entries.values()])],
    ['generated/published.txt', publish(readOr(join(dir, 'generated/published.txt'), ''), spec.ids)],
  ])
}

/** The first line in which a generated file is not what it should be, as `file:line: text`; null if all are current. */
export function firstDifference(dir: string, made: ReadonlyMap<string, string>): string | null {
  for (const [name, text] of made) {
    const [is, should] = [readOr(join(dir, name), '').split('\n'), text.split('\n')]
    const at = should.findIndex((line, i) => line !== is[i])
    const line = at >= 0 ? at : is.length > should.length ? should.length : -1
    if (line >= 0) return `${basename(dir)}/${name}:${line + 1}: is ${shown(is[line])}, should be ${shown(should[line])}: run npm run spec`
  }
  return null
}

function write(dir: string, made: ReadonlyMap<string, string>): void {
  for (const [name, text] of made) {
    mkdirSync(dirname(join(dir, name)), { recursive: true })
    writeFileSync(join(dir, name), text)
  }
}

function shown(line: string | undefined): string {
  return line === undefined ? 'nothing' : `\`${line.trim()}\``
}

function readOr(file: string, otherwise: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : otherwise
}

/** The command: returns its exit code. */
function main(dir: string, check: boolean): number {
  try {
    const made = generate(loadSpec(dir), dir)
    const difference = check ? firstDifference(dir, made) : null
    if (difference !== null) console.error(difference)
    else if (!check) write(dir, made)
    return difference === null ? 0 : 1
  } catch (error) {
    if (!(error instanceof SpecError)) throw error
    console.error(error.message)
    return 1
  }
}

if (import.meta.main) process.exitCode = main(import.meta.dirname, process.argv.includes('--check'))
