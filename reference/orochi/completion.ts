/** Completion for bash, zsh and fish: words of the command itself, and the ids of clusters. */
import tab from '@bomb.sh/tab/commander'
import type { Command } from 'commander'
import { listIds } from './verbs/clusters.ts'
import { makeClient } from './client.ts'
import { readSettings, type SettingFlags } from './settings.ts'
import type { Surroundings } from './terminal.ts'

/** Somebody who waits for a word has little patience, and an error message would end up in their command line. */
const patienceMs = 1500

export function addCompletion(program: Command): ReturnType<typeof tab> {
  return tab(program)
}

/** Asked for before the words are completed, as the library takes words at once or not at all. */
export async function completeIds(
  completion: ReturnType<typeof tab>,
  flags: SettingFlags,
  { env, interrupted }: Surroundings,
): Promise<void> {
  const ids = await idsOf(flags, env, interrupted).catch(() => [])
  for (const command of completion.commands.values()) {
    const argument = command.arguments.get('cluster-id')
    if (argument !== undefined) argument.handler = (complete) => ids.forEach((id) => complete(id, ''))
  }
}

async function idsOf(flags: SettingFlags, env: Surroundings['env'], interrupted: AbortSignal): Promise<readonly string[]> {
  const settings = readSettings(flags, env)
  return await listIds(makeClient({ ...settings, timeoutMs: patienceMs }, interrupted))
}
