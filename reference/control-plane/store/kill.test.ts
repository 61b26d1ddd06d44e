import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { openSqlite } from './sqlite.ts'

const dir = mkdtempSync(join(tmpdir(), 'control-plane-kill-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const churn = fileURLToPath(new URL('../testing/churn.ts', import.meta.url))

/** Kills it when it has said so much; what it said last. */
async function churnUntilKilled(path: string, bytes: number): Promise<number> {
  const child = spawn(process.execPath, [churn, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  let said = ''
  for await (const chunk of child.stdout) {
    said += String(chunk)
    if (said.length > bytes) child.kill('SIGKILL')
  }
  const [, signal] = (await exited) as [number | null, string | null]
  expect(signal).toBe('SIGKILL')
  return Number(said.split('\n').at(-2) ?? 0)
}

test('killed at any point: what was acknowledged is there, each change whole with its event, and the next one leads at once', async () => {
  const path = join(dir, 'clusters.db')
  for (const round of Array.from({ length: 6 }, (_, i) => i)) {
    const acknowledged = await churnUntilKilled(path, Math.floor(Math.random() * 400) + round)
    await using store = openSqlite({ path })
    expect(await store.lead()).toBe(true)
    const record = await store.get('acme')
    expect(record!.revision).toBeGreaterThanOrEqual(acknowledged)
    expect(record!.revision).toBeLessThanOrEqual(acknowledged + 1)
    expect(record!.message).toHaveLength((record!.revision - 1) % 9000)
    const events = await store.events({ after: 0, limit: 1_000_000 })
    expect(events.map(({ message }) => Number(message))).toEqual(Array.from({ length: record!.revision }, (_, i) => i + 1))
    using check = new DatabaseSync(path)
    expect(check.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' })
  }
}, 60_000)
