/** The command line of a part that runs by one configuration file. */
import { Command, CommanderError } from 'commander'
import { readFileSync } from 'node:fs'

export interface Options {
  readonly config: string
  readonly check?: true
}

export interface Words {
  readonly name: string
  readonly description: string
  /** What stands below the options. */
  readonly guidance: string
  /** Of the package.json beside the program. */
  readonly packageFile: URL
}

/** Null when there is nothing to run: help or version was asked for (exit code 0), or the command line is wrong (64). */
export function readArguments(argv: readonly string[], { name, description, guidance, packageFile }: Words): Options | null {
  const command = new Command(name)
    .description(description)
    .requiredOption('--config <file>', 'configuration (YAML)')
    .option('--check', 'check the configuration and the files it names, start nothing')
    .addHelpText('after', guidance)
    .version((JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }).version)
    .exitOverride()
  try {
    return command.parse(argv).opts<Options & Record<string, unknown>>()
  } catch (cause) {
    if (!(cause instanceof CommanderError)) throw cause
    process.exitCode = cause.exitCode === 0 ? 0 : 64
    return null
  }
}
