/** Reads a history file; one that was cut off by a crash is read as far as it goes, and says so. */
import { readFileSync } from 'node:fs'
import type { FaultInterval, Fence, History, Line, Operation, Sample, Truth } from './record.ts'

/** The file is no history at all. */
export class HistoryError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'HistoryError'
  }
}

export function readHistory(file: string): History {
  return parseHistory(readFileSync(file, 'utf8'), file)
}

type Draft<T> = { -readonly [K in keyof T]: T[K] }

interface Gathered {
  readonly operations: Map<number, Draft<Operation>>
  readonly faults: Map<number, Draft<FaultInterval>>
  readonly samples: Sample[]
  readonly truths: Truth[]
  readonly fences: Fence[]
}

export function parseHistory(text: string, name = 'the history'): History {
  const { lines, torn } = linesOf(text, name)
  const [opening, ...rest] = lines
  if (opening?.t !== 'begin') throw new HistoryError(`${name} does not begin like a history`)
  if (opening.format !== 1) throw new HistoryError(`${name} is of format ${String(opening.format)}, this reader knows format 1`)
  const gathered: Gathered = { operations: new Map(), faults: new Map(), samples: [], truths: [], fences: [] }
  for (const line of rest) gather(line, gathered, name)
  const last = lines.at(-1)
  const { t: _, ...facts } = opening
  return {
    ...facts,
    operations: [...gathered.operations.values()],
    faults: [...gathered.faults.values()],
    samples: gathered.samples,
    truths: gathered.truths,
    fences: gathered.fences,
    endMs: last !== undefined && 'at' in last ? last.at : 0,
    cutOff: torn || last?.t !== 'end',
  }
}

/** Only the last line can be torn; one in the middle that cannot be read means that somebody wrote into the file. */
function linesOf(text: string, name: string): { readonly lines: readonly Line[]; readonly torn: boolean } {
  const texts = text.split('\n')
  const tail = texts.pop() ?? ''
  const lines = texts.map((line, at) => {
    try {
      return JSON.parse(line) as Line
    } catch {
      throw new HistoryError(`${name}:${at + 1} is no line of a history`)
    }
  })
  return { lines, torn: tail !== '' }
}

function gather(line: Line, { operations, faults, samples, truths, fences }: Gathered, name: string): void {
  switch (line.t) {
    case 'invoke':
      operations.set(line.index, invoked(line))
      return
    case 'return': {
      const { t: _, at, index, ...result } = line
      Object.assign(known(operations, index, name), result, { returnMs: at })
      return
    }
    case 'inject':
      faults.set(line.fault, injected(line))
      return
    case 'bites':
      Object.assign(known(faults, line.fault, name), { bitesMs: line.at, effect: line.seen })
      return
    case 'heal':
      known(faults, line.fault, name).healMs = line.at
      return
    case 'healed':
      Object.assign(known(faults, line.fault, name), { healedMs: line.at, healing: line.seen })
      return
    case 'sample':
      samples.push({ atMs: line.at, name: line.name, where: line.where, value: line.value })
      return
    case 'truth':
      truths.push({ atMs: line.at, load: line.load, state: line.state })
      return
    case 'fence':
      fences.push({ atMs: line.at, when: line.when, healthy: line.healthy, seen: line.seen })
      return
    case 'begin':
    case 'end':
      return
    default:
      throw new HistoryError(`${name} has lines of a kind that this reader does not know: ${JSON.stringify(line).slice(0, 80)}`)
  }
}

function known<T>(all: ReadonlyMap<number, T>, index: number, name: string): T {
  const found = all.get(index)
  if (found === undefined) throw new HistoryError(`${name} tells the end of something (${index}) whose beginning it does not tell`)
  return found
}

/** Until its return is read nobody knows what became of it. */
function invoked({ index, process, load, kind, args, at }: Extract<Line, { t: 'invoke' }>): Draft<Operation> {
  return {
    index,
    process,
    load,
    kind,
    args,
    invokeMs: at,
    returnMs: null,
    outcome: 'info',
    value: null,
    sqlstate: null,
    message: null,
    phase: null,
    stuck: false,
    seen: {},
  }
}

function injected({ name, target, at }: Extract<Line, { t: 'inject' }>): Draft<FaultInterval> {
  return { name, target, injectMs: at, bitesMs: null, healMs: null, healedMs: null, effect: null, healing: null }
}
