#!/usr/bin/env node
// Starts the gateway: as it was built for a package, or from its sources where it is a checkout.
import { existsSync } from 'node:fs'

const built = new URL('./dist/gateway/bin.js', import.meta.url)
const [major = 0] = process.versions.node.split('.').map(Number)
if (major < 24) {
  console.error(`orochi-gateway: Node ${process.versions.node} is too old; it takes Node 24 or newer`)
  process.exit(64)
}
await import(existsSync(new URL('./bin.ts', import.meta.url)) ? './bin.ts' : built.href)
