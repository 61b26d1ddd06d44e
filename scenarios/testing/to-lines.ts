/** A history as the lines of its file, as if it had just been written. */
import type { History, Line } from '../history/record.ts'

export function linesOf(history: History): string {
  const { operations, faults, samples, truths, fences, endMs, cutOff, ...opening } = history
  const timed: (Line & { at: number })[] = [
    ...operations.flatMap(({ invokeMs, returnMs, index, process, load, kind, args, ...result }) => [
      { t: 'invoke' as const, at: invokeMs, index, process, load, kind, args },
      ...(returnMs === null ? [] : [{ t: 'return' as const, at: returnMs, index, ...result }]),
    ]),
    ...faults.flatMap(({ name, target, injectMs, bitesMs, healMs, healedMs, effect, healing }, fault) => [
      { t: 'inject' as const, at: injectMs, fault, name, target },
      ...(bitesMs === null ? [] : [{ t: 'bites' as const, at: bitesMs, fault, seen: effect ?? '' }]),
      ...(healMs === null ? [] : [{ t: 'heal' as const, at: healMs, fault, seen: '' }]),
      ...(healedMs === null ? [] : [{ t: 'healed' as const, at: healedMs, fault, seen: healing ?? '' }]),
    ]),
    ...samples.map(({ atMs, ...rest }) => ({ t: 'sample' as const, at: atMs, ...rest })),
    ...truths.map(({ atMs, ...rest }) => ({ t: 'truth' as const, at: atMs, ...rest })),
    ...fences.map(({ atMs, ...rest }) => ({ t: 'fence' as const, at: atMs, ...rest })),
  ]
  const order = timed.toSorted((a, b) => a.at - b.at)
  const all: Line[] = [{ t: 'begin', ...opening }, ...order, ...(cutOff ? [] : [{ t: 'end' as const, at: endMs }])]
  return all.map((line) => `${JSON.stringify(line)}\n`).join('')
}
