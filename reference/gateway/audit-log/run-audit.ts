/** The command `audit verify`: whether the chain in a file is whole. */
import { Command, CommanderError } from 'commander'
import { linkIn } from './chain.ts'
import { linesOf, verifyChain } from './verify-chain.ts'

/** Exit codes: 0 whole, 1 broken, 64 a wrong command line, 66 a file that cannot be read. */
export async function runAudit(argv: readonly string[]): Promise<void> {
  const command = new Command('orochi-gateway audit').exitOverride()
  command
    .command('verify')
    .description('checks the chain in an audit file, or in a log')
    .argument('<file>')
    .option('--head <hash>', 'a hash that was kept elsewhere, and must be in it')
    .action(async (file: string, { head }: { readonly head?: string }) => void (process.exitCode = await verify(file, head)))
  try {
    await command.parseAsync(argv, { from: 'user' })
  } catch (cause) {
    if (!(cause instanceof CommanderError)) throw cause
    process.exitCode = cause.exitCode === 0 ? 0 : 64
  }
}

async function verify(file: string, head: string | undefined): Promise<number> {
  let seen = head === undefined
  const noting = async function* () {
    for await (const line of linesOf(file)) {
      if (!seen) seen = linkIn(line)?.link.hash === head
      yield line
    }
  }
  try {
    const { records, first, last, fault } = await verifyChain(noting())
    if (fault !== null) console.error(`${file}:${fault.line}: ${fault.what}`)
    else if (!seen) console.error(`${file}: no record has the hash ${head}: its end was cut off, or it is another chain`)
    else console.log(`${file}: ${records} records${first && last ? `, ${first.seq} to ${last.seq}, the last is ${last.hash}` : ''}: whole`)
    return fault === null && seen ? 0 : 1
  } catch (cause) {
    console.error(`${file}: cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown'})`)
    return 66
  }
}
