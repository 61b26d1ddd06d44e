/** Changes the configuration of running gateways for a while: without a restart, by SIGHUP, and back again at the end. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse, stringify } from 'yaml'
import type { Running } from '../../stack/launch.ts'
import type { Stack } from '../../stack/stack.ts'

/** The gateway's own configuration as plain data. */
export type Configuration = Record<string, unknown>

/** Files it names are looked for beside it: `files` are laid there first. */
export interface Change {
  readonly files?: Readonly<Record<string, string>>
  readonly apply: (config: Configuration) => Configuration
}

const limitMs = 10_000

/** Throws when a gateway does not take the change. */
export async function reconfigure(stack: Stack, { files = {}, apply }: Change): Promise<AsyncDisposable> {
  await using undo = new AsyncDisposableStack()
  for (const part of stack.parts('gateway')) {
    const file = join(part.dir, 'gateway.yaml')
    const before = readFileSync(file, 'utf8')
    for (const [name, content] of Object.entries(files)) writeFileSync(join(part.dir, name), content, { mode: 0o600 })
    undo.defer(() => put(part, file, before))
    await put(part, file, stringify(apply(parse(before) as Configuration)))
  }
  return undo.move()
}

/** Tries a change at the first gateway, tells what came of it, and takes it back. */
export async function attemptChange(stack: Stack, { files = {}, apply }: Change): Promise<Attempted> {
  const part = stack.parts('gateway')[0]!
  const file = join(part.dir, 'gateway.yaml')
  const before = readFileSync(file, 'utf8')
  for (const [name, content] of Object.entries(files)) writeFileSync(join(part.dir, name), content, { mode: 0o600 })
  const mark = part.logMark()
  const outcome = await tell(part, file, stringify(apply(parse(before) as Configuration)))
  const lines = part.logSince(mark).filter(({ text }) => text.includes('"event":"reload"'))
  await put(part, file, before)
  return { outcome, told: lines.map(({ text }) => String((JSON.parse(text) as { problem?: string }).problem)).join('\n') }
}

/** Whether the gateway took a change, and what its log said was wrong with it. */
export interface Attempted {
  readonly outcome: 'applied' | 'refused'
  readonly told: string
}

async function put(part: Running, file: string, text: string): Promise<void> {
  if ((await tell(part, file, text)) === 'refused') throw new Error(`${part.name} refused the configuration; its log says why`)
}

async function tell(part: Running, file: string, text: string): Promise<Attempted['outcome']> {
  if (part.kill === undefined) throw new Error(`${part.name} cannot be told by this provider to read its configuration`)
  const before = await reloads(part)
  writeFileSync(file, text, { mode: 0o600 })
  await part.kill('SIGHUP')
  const deadline = performance.now() + limitMs
  for (;;) {
    const now = await reloads(part)
    if (now.applied > before.applied) return 'applied'
    if (now.refused > before.refused) return 'refused'
    if (performance.now() > deadline) throw new Error(`${part.name} did not read its configuration within ${limitMs} ms`)
    await sleep(20)
  }
}

async function reloads(part: Running): Promise<{ readonly applied: number; readonly refused: number }> {
  const { host, port } = part.addresses['operations']!
  const text = await (await fetch(`http://${host}:${port}/metrics`, { signal: AbortSignal.timeout(limitMs) })).text()
  const count = (outcome: string) => Number(new RegExp(`config_reloads_total\\{outcome="${outcome}"\\} (\\d+)`).exec(text)?.[1] ?? 0)
  return { applied: count('applied'), refused: count('refused') }
}
