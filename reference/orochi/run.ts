/** One call of the command: from its words to its exit code. */
import { CommanderError, type Command } from 'commander'
import { makeCommand, type CommonFlags } from './command.ts'
import { addCompletion, completeIds } from './completion.ts'
import { exitCodes, Failure } from './failure.ts'
import { makePaint, type Surroundings } from './terminal.ts'

export async function run(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const program = makeCommand(surroundings)
  const completion = addCompletion(program)
  quieten(program, surroundings)
  try {
    if (words[0] === 'complete' && words[1] === '--') await completeIds(completion, {}, surroundings)
    await program.parseAsync(words, { from: 'user' })
    return 0
  } catch (cause) {
    if (cause instanceof CommanderError) return cause.exitCode === 0 ? 0 : exitCodes.usage
    if (!(cause instanceof Failure)) throw cause
    tell(cause, program, surroundings)
    return exitCodes[cause.code]
  }
}

/** Nothing below may end the process or write past the surroundings. */
function quieten(command: Command, { out, err }: Surroundings): void {
  command.exitOverride().configureOutput({ writeOut: (text) => void out.write(text), writeErr: (text) => void err.write(text) })
  for (const inner of command.commands) quieten(inner, { out, err } as Surroundings)
}

function tell({ code, message, next }: Failure, program: Command, { err, env }: Surroundings): void {
  if (program.opts<CommonFlags>().json === true) return void err.write(`${JSON.stringify({ error: { code, message, next } })}\n`)
  if (code === 'interrupted') return void err.write('\n')
  const paint = makePaint(err, env)
  err.write(`${paint('red', 'orochi:')} ${message}\n${paint('dim', 'next:')} ${next}\n`)
}
