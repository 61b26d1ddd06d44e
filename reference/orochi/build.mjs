// Makes `dist/`, the package's programs without types: Node does not run TypeScript that lies in node_modules.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'

const here = import.meta.dirname
const dist = join(here, 'dist')

/** What is only for tests stays behind. */
const ships = (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !/(?:^|[/\\])(?:testing|node_modules|dist)[/\\]/.test(file)

/** Specifiers of our own modules; everything else stays where it is, line by line. */
const toJs = (code) => code.replace(/(\bfrom |\bimport\(|\bimport )(['"])(\.{1,2}\/[^'"\n]+)\.ts\2/g, '$1$2$3.js$2')

rmSync(dist, { recursive: true, force: true })
if (process.argv[2] !== '--clean') {
  for (const file of readdirSync(here, { recursive: true }).filter(ships)) {
    const target = join(dist, file.replace(/\.ts$/, '.js'))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, toJs(stripTypeScriptTypes(readFileSync(join(here, file), 'utf8'), { mode: 'strip' })))
  }
  cpSync(join(here, 'package.json'), join(dist, 'package.json'))
}
