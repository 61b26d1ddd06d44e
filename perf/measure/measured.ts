/** From a recording and a question to a measured result: looked at as often as the profile plans, and stopped when it is decided. */
import type { Budget } from '../../spec/entry.ts'
import type { Block } from '../generator/block.ts'
import type { ArmFigures, BlockFigures, Conditions, GeneratorFigures, Judgement, MachineFigures, MeasuredResult } from '../result.ts'
import { estimate, type Look } from './estimate.ts'
import { encodeTimes, percentilesOf } from './histogram.ts'
import { judge } from './judge.ts'
import { disturbanceOf } from './machine.ts'
import { joined } from './joined.ts'
import type { Recording } from './recording.ts'
import { quantile, type Estimate } from './statistics.ts'
import { levelOfLook } from './stopping.ts'

export interface Question extends Look {
  readonly id: string
  readonly clause: string
  readonly metric: string
  readonly unit: string
  readonly budget: Pick<Budget, 'op' | 'value' | 'unit' | 'percentile'>
  /** Equal to the base: what the two seem to differ by is the smallest effect that can be shown. Null for a level. */
  readonly control: string | null
  readonly conditions: Omit<Conditions, 'machine'>
}

/** A generator that is later than this share of the budget measures itself; it is granted half a millisecond in any case. */
const latenessShare = 0.5
const leastLatenessMs = 0.5
/** More failures than this share are no load that was carried. */
const errorShare = 0.001

export interface Terms {
  readonly looks: readonly number[]
  readonly machine: () => MachineFigures
  readonly signal?: AbortSignal
}

export async function answer(recording: Recording, question: Question, { looks, machine, signal }: Terms): Promise<MeasuredResult> {
  for (const [n, rounds] of looks.entries()) {
    await recording.extendTo(rounds, signal)
    const result = look(recording, question, { looked: n + 1, planned: looks.length, machine: machine() })
    const { verdict } = result
    const hopeless = verdict.verdict === 'unknown' && verdict.roundsToDecide === null
    if (verdict.verdict !== 'unknown' || hopeless || n === looks.length - 1) return result
  }
  throw new Error('no look was planned')
}

interface Looked {
  readonly looked: number
  readonly planned: number
  readonly machine: MachineFigures
}

function look(recording: Recording, question: Question, { looked, planned, machine }: Looked): MeasuredResult {
  const level = levelOfLook(planned)
  const found = estimate(recording, question, level)
  const smallestVisibleEffect = controlOf(recording, question, level)
  const generator = generatorOf(recording, question)
  const verdict = judge({
    estimate: found,
    rounds: recording.rounds.length,
    budget: question.budget,
    unit: question.unit,
    smallestVisibleEffect,
    disturbance: disturbanceOf(machine),
    flaw: flawOf(recording, question, generator),
  })
  return resultOf(recording, question, { found, smallestVisibleEffect, generator, verdict, looked, machine })
}

/** The further end of the interval of two equal arms: of a ratio, how far from one. */
function controlOf(recording: Recording, question: Question, level: number): number | null {
  const { control, comparison } = question
  if (control === null || comparison === 'level') return null
  const { low, high } = estimate(recording, { ...question, subject: control }, level)
  const still = comparison === 'ratio' ? 1 : 0
  return Math.max(Math.abs(low - still), Math.abs(high - still))
}

function generatorOf(recording: Recording, { budget, unit, figure }: Question): GeneratorFigures {
  const blocks = recording.arms.flatMap((arm) => recording.blocksOf(arm))
  const lateness = joined(blocks.map((block) => block.lateness))
  const total = (of: (block: Block) => number) => blocks.reduce((sum, block) => sum + of(block), 0)
  const late = (share: number) => (lateness.length === 0 ? 0 : quantile(lateness, share))
  return {
    kind: 'node',
    scheduled: total((block) => block.scheduled),
    sent: total((block) => block.sent),
    dropped: total((block) => block.dropped),
    latenessP50Ms: late(0.5),
    latenessP99Ms: late(0.99),
    latenessAtShareMs: late(figure.kind === 'quantile' ? figure.share : 0.99),
    latenessBudgetMs: unit === 'ms' ? Math.max(leastLatenessMs, budget.value * latenessShare) : leastLatenessMs,
  }
}

function flawOf(recording: Recording, { subject, base, comparison }: Question, generator: GeneratorFigures): string | null {
  const { latenessAtShareMs: late, latenessBudgetMs: allowed } = generator
  if (late > allowed) return `the generator was late by ${late.toFixed(2)} ms where ${allowed} ms are allowed`
  for (const arm of comparison === 'level' ? [subject] : [subject, base]) {
    const blocks = recording.blocksOf(arm)
    const failed = blocks.reduce((sum, block) => sum + block.errors + block.dropped, 0)
    const all = blocks.reduce((sum, block) => sum + block.scheduled, 0)
    if (failed > all * errorShare)
      return `${arm}: ${failed} of ${all} operations failed (${blocks.find(({ trouble }) => trouble)?.trouble ?? 'no answer'})`
  }
  return null
}

interface Found {
  readonly found: Estimate
  readonly smallestVisibleEffect: number | null
  readonly generator: GeneratorFigures
  readonly verdict: Judgement
  readonly looked: number
  readonly machine: MachineFigures
}

function resultOf(recording: Recording, question: Question, found: Found): MeasuredResult {
  const { id, clause, metric, unit, comparison, budget, conditions } = question
  return {
    version: 1,
    id,
    clause,
    metric,
    unit,
    comparison,
    budget,
    at: new Date().toISOString(),
    rounds: recording.rounds.length,
    looks: found.looked,
    arms: recording.arms.map((arm) => armOf(recording, arm)),
    blocks: blocksOf(recording, question),
    effect: found.found.value,
    interval: { low: found.found.low, high: found.found.high, level: 0.95 },
    smallestVisibleEffect: found.smallestVisibleEffect,
    generator: found.generator,
    conditions: { ...conditions, machine: found.machine },
    verdict: found.verdict,
  }
}

function armOf(recording: Recording, name: string): ArmFigures {
  const blocks = recording.blocksOf(name)
  const histogram = encodeTimes(blocks.map(({ times }) => times))
  const errors = blocks.reduce((sum, block) => sum + block.errors + block.dropped, 0)
  return {
    name,
    operations: blocks.reduce((sum, { times }) => sum + times.length, 0),
    errors,
    histogram,
    percentiles: percentilesOf(histogram),
  }
}

function blocksOf(recording: Recording, { figure }: Question): readonly BlockFigures[] {
  return recording.rounds.flatMap((arms, round) =>
    [...arms].flatMap(([arm, blocks]) =>
      blocks.map((block) => ({ round, arm, operations: block.times.length, figure: figureOf(block, figure) })),
    ),
  )
}

function figureOf({ times, elapsedMs }: Block, figure: Look['figure']): number {
  return figure.kind === 'rate' ? (times.length / elapsedMs) * 1000 : quantile(times, figure.share)
}
