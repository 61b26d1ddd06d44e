/** For liars that set a database up wrongly: the honest scripts with one thing changed. */
import { text } from 'node:stream/consumers'
import { schemaSql } from '../../fixtures/schema.ts'

/** Reads the setup, writes the scripts. `lie` is given all of them as one; a change that changes nothing is no lie. */
export async function writeLyingSql(lie: (sql: string) => string): Promise<void> {
  const setup = JSON.parse(await text(process.stdin)) as Omit<Parameters<typeof schemaSql>[0], 'claimsKey'> & { claimsKey: string }
  const honest = schemaSql({ ...setup, claimsKey: Buffer.from(setup.claimsKey, 'base64') })
  const lying = honest.map(lie)
  if (lying.every((script, i) => script === honest[i])) throw new Error('nothing is changed: the honest scripts have other words now')
  process.stdout.write(JSON.stringify(lying))
}
