// Makes `dist/`, the package's programs without types and with the wire codec in it: Node does not run TypeScript that lies in node_modules.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const dist = join(here, 'dist')

/** What is only for tests stays behind. */
const ships = (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !/(?:^|[/\\])(?:testing|node_modules|dist)[/\\]/.test(file)

/** Specifiers of our own modules; everything else stays where it is, line by line. */
const toJs = (code) => code.replace(/(\bfrom |\bimport\(|\bimport )(['"])(\.{1,2}\/[^'"\n]+)\.ts\2/g, '$1$2$3.js$2')

function build(from, to) {
  for (const file of readdirSync(from, { recursive: true }).filter(ships)) {
    const target = join(to, file.replace(/\.ts$/, '.js'))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, toJs(stripTypeScriptTypes(readFileSync(join(from, file), 'utf8'), { mode: 'strip' })))
  }
}

rmSync(dist, { recursive: true, force: true })
if (process.argv[2] !== '--clean') {
  build(here, join(dist, 'gateway'))
  build(join(here, '..', 'wire'), join(dist, 'wire'))
  cpSync(join(here, 'package.json'), join(dist, 'gateway', 'package.json'))
}
