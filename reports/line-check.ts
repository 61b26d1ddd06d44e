/** Whether a value read from an evidence file is a line of evidence: what reports rest on is checked before it is believed. */
import { unknownReasons, type ClauseOutcome, type EvidenceLine } from '../spec/evidence.ts'

type Shape = (value: unknown) => string | null

const text: Shape = (value) => (typeof value === 'string' ? null : 'is no text')
const textOrNull: Shape = (value) => (value === null ? null : text(value))
const number: Shape = (value) => (typeof value === 'number' && Number.isFinite(value) ? null : 'is no number')
const flag: Shape = (value) => (typeof value === 'boolean' ? null : 'is neither true nor false')
const instant: Shape = (value) => (typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? null : 'is no time')
const oneOf =
  (words: readonly string[]): Shape =>
  (value) =>
    words.includes(value as string) ? null : `is none of ${words.join(', ')}`

const record =
  (fields: Readonly<Record<string, Shape>>): Shape =>
  (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'is no record'
    return firstFlaw(Object.entries(fields).map(([name, shape]) => [name, shape((value as Record<string, unknown>)[name])]))
  }

/** `.outcome.reason is none of …` */
function firstFlaw(found: readonly (readonly [string, string | null])[]): string | null {
  for (const [name, flaw] of found) if (flaw !== null) return `.${name}${flaw.startsWith('.') ? flaw : ` ${flaw}`}`
  return null
}

const outcomeFields: Readonly<Record<ClauseOutcome['verdict'], Readonly<Record<string, Shape>>>> = {
  proved: {},
  refuted: { why: text },
  unknown: { why: text, reason: oneOf(unknownReasons) },
  unsupported: { why: text },
}

const outcome: Shape = (value) => {
  const flaw = record({ verdict: oneOf(Object.keys(outcomeFields)) })(value)
  return flaw ?? record(outcomeFields[(value as ClauseOutcome).verdict])(value)
}

const setting = record({ pooler: oneOf(['pgdog', 'router', 'none']), provider: text, topology: text, fingerprint: text })
const grounds = record({ entry: text, testFile: text, kit: text, parts: text })
const trial = { entry: text, attempt: number }

const shapes: Readonly<Record<EvidenceLine['kind'], Readonly<Record<string, Shape>>>> = {
  run: {
    run: text,
    version: text,
    dirty: flag,
    seed: text,
    command: text,
    profile: text,
    plan: text,
    machine: record({}),
    liar: textOrNull,
  },
  stack: { setting, versions: record({}), settings: text },
  started: { ...trial, seed: text, setting, grounds, testFile: text },
  clause: { ...trial, clause: text, outcome },
  measured: { ...trial, name: text, value: number, unit: text },
  attached: { ...trial, name: text, path: text, sha256: text },
  ended: { ...trial, outcome, durationMs: number },
  finished: { run: text, exitCode: number },
}

/** What keeps the value from being a line of evidence, in words; null if nothing does. */
export function flawOf(value: unknown): string | null {
  const flaw = record({ kind: oneOf(Object.keys(shapes)) })(value)
  if (flaw !== null) return `the line${flaw.startsWith('.') ? flaw : ` ${flaw}`}`
  const { kind } = value as EvidenceLine
  const inside = record({ at: instant, ...shapes[kind] })(value)
  return inside === null ? null : `${kind}${inside}`
}
