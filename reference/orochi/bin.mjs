#!/usr/bin/env node
// Starts the command: as it was built for a package, or from its sources where it is a checkout.
import { existsSync } from 'node:fs'

const [major = 0] = process.versions.node.split('.').map(Number)
if (major < 24) {
  console.error(`orochi: Node ${process.versions.node} is too old; it takes Node 24 or newer`)
  process.exit(2)
}
await import(existsSync(new URL('./bin.ts', import.meta.url)) ? './bin.ts' : './dist/bin.js')
