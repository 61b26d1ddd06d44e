/** pgbench against a running system, by its front door and past it; left out where there is no pgbench. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { mint } from '../../fixtures/tokens.ts'
import { openLedger } from '../../stack/ledger.ts'
import { limitMs } from '../../stack/limits.ts'
import { toolOf } from '../../stack/load-tools.ts'
import { raise } from '../../stack/raise.ts'
import { undoRun } from '../../stack/sweep.ts'
import { defaultTopology } from '../../stack/wish.ts'
import { runPgbench } from './run.ts'

const pgbench = toolOf('pgbench')

test.skipIf(pgbench === null)(
  'an open load by pgbench, by the front door and directly, loses nothing and tells both clocks',
  async () => {
    const run = `pgbench-contract-${process.pid}`
    openLedger(run, 'main')
    try {
      const signal = AbortSignal.timeout(limitMs('stack-start'))
      await using stack = await raise(defaultTopology({ links: 'direct' }), { run, provider: 'embedded', signal })
      const { issuer, audience, keyId, privateKeyFile } = stack.issuer
      const token = await mint({ issuer, audience, keyId, privateKeyPem: readFileSync(privateKeyFile, 'utf8') })
      const load = {
        program: pgbench!.path,
        script: `\\set n random(1, 1000)\nselect :n::int;\n`,
        mode: 'prepared',
        perSecond: 100,
        seconds: 2,
        connections: 4,
        seed: 7,
        lateLimitMs: null,
      } as const
      for (const way of [
        { ...stack.door, user: stack.role, password: token },
        { ...stack.app(0), ca: null },
      ]) {
        const block = await runPgbench({ ...load, way })
        expect(block).toMatchObject({ errors: 0, dropped: 0, trouble: '' })
        // Arrivals are drawn by chance: two hundred in the mean.
        expect(block.times.length).toBeGreaterThan(130)
        expect(block.times.length).toBeLessThan(270)
        expect(block.times.every((time, at) => time >= (block.lateness[at] ?? 0))).toBe(true)
      }
      const wrong = { ...stack.app(0), password: 'wrong', ca: null }
      await expect(runPgbench({ ...load, way: wrong })).rejects.toThrow(/pgbench ended with 1: .*password authentication failed/)
    } finally {
      await undoRun(run)
    }
  },
  60_000,
)
