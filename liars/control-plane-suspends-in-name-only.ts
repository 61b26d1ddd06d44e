/** A control plane that calls a cluster suspended that goes on serving. */
import { pieces } from '../reference/control-plane/pieces.ts'
import { run } from '../reference/control-plane/run.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'control-plane',
  why: 'calls a cluster suspended that goes on serving',
  refutes: { 'WAKE-001': ['not-ready'] },
} satisfies Lie

if (import.meta.main)
  await run(process.argv, { makeProvisioner: (config) => ({ ...pieces.makeProvisioner(config), suspend: () => Promise.resolve() }) })
