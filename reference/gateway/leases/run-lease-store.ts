/** `orochi-gateway lease-store sql`: what makes the store, for an owner to run whose rights the gateway shall not have. */
import { setUp } from './schema.ts'

export function runLeaseStore(argv: readonly string[]): void {
  if (argv.length === 1 && argv[0] === 'sql') return console.log(setUp.trim())
  console.error('usage: orochi-gateway lease-store sql')
  process.exitCode = 64
}
