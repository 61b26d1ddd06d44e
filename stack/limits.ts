/** Every time limit of the harness by name, in ms on a machine of factor 1, and the factor measured on this one. */
import { createHash } from 'node:crypto'

const limits = {
  'part-start': 20_000,
  'postgres-start': 30_000,
  'part-stop': 10_000,
  'prepare-folder': 90_000,
  'stack-start': 90_000,
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

/** Milliseconds that hashing 16 MiB takes on the machine these limits were set for. */
const referenceMs = 45
let measured: number | undefined

/** How many times slower this machine is than the reference (1 to 10); `OROCHI_TIME_FACTOR` overrides it. Measured once a process. */
export function timeFactor(env: NodeJS.ProcessEnv = process.env): number {
  const given = Number(env['OROCHI_TIME_FACTOR'])
  if (given > 0) return given
  measured ??= Math.min(10, Math.max(1, hashMs() / referenceMs))
  return measured
}

function hashMs(): number {
  const block = Buffer.alloc(1 << 20)
  const runs = [0, 1, 2].map(() => {
    const start = performance.now()
    const hash = createHash('sha256')
    for (let i = 0; i < 16; i++) hash.update(block)
    hash.digest()
    return performance.now() - start
  })
  return Math.min(...runs)
}
