/** Every time limit of the harness by name, in ms on a machine of factor 1, and the factor measured on this one. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'

const limits = {
  'part-start': 20_000,
  'postgres-start': 30_000,
  'part-stop': 10_000,
  'prepare-folder': 90_000,
  'stack-start': 90_000,
  'replica-catches-up': 15_000,
  promotion: 20_000,
  'fault-bites': 2_000,
  'fault-heals': 40_000,
  'pooler-answers': 5_000,
  'pooler-drains': 30_000,
  install: 300_000,
  'set-up-step': 20_000,
  'entry-aftermath': 40_000,
  'undo-run': 30_000,
  'log-quiet': 2_000,
  entry: 20_000,
} as const

export type LimitName = keyof typeof limits

/** A limit by name, or a given one, stretched by this machine's factor; ms. */
export function limitMs(name: LimitName, baseMs: number = limits[name]): number {
  return Math.round(baseMs * timeFactor())
}

/** What hashing 8 MiB and starting the smallest program take on the machine these limits were set for. */
const referenceHashMs = 23
const referenceSpawnMs = 6
const variable = 'OROCHI_TIME_FACTOR'

/**
 * How many times slower this machine is than the reference, 1 to 10. Measured at the first question and kept in `$OROCHI_TIME_FACTOR`,
 * so that the processes of a run agree on it; set there beforehand, it is not measured.
 */
export function timeFactor(env: NodeJS.ProcessEnv = process.env): number {
  const given = Number(env[variable])
  if (given > 0) return given
  const measured = Math.max(hashMs() / referenceHashMs, spawnMs() / referenceSpawnMs)
  const factor = Math.round(Math.min(10, Math.max(1, measured)) * 100) / 100
  env[variable] = String(factor)
  return factor
}

function hashMs(): number {
  const block = Buffer.alloc(1 << 20)
  return shortest(() => {
    const hash = createHash('sha256')
    for (let i = 0; i < 8; i++) hash.update(block)
    hash.digest()
  })
}

function spawnMs(): number {
  return shortest(() => spawnSync('/bin/sh', ['-c', ':']))
}

function shortest(act: () => unknown): number {
  const runs = [0, 1, 2].map(() => {
    const start = performance.now()
    act()
    return performance.now() - start
  })
  return Math.min(...runs)
}
