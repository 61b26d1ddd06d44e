/** A plot as plain data. What it shows must also be told by its description, for whoever cannot see it. */
import type { ScaleKind } from './scale.ts'

export interface Axis {
  /** With its unit: `latency, ms`. */
  readonly label: string
  readonly scale: ScaleKind
  /** There is nothing between whole numbers. */
  readonly whole?: boolean
  /** Texts under whole numbers in place of a scale's own: the runs of a history. */
  readonly names?: readonly string[]
}

export interface Point {
  readonly x: number
  readonly y: number
  /** An interval upright around the point. */
  readonly low?: number
  readonly high?: number
}

export interface Line {
  readonly name: string
  readonly points: readonly Point[]
  /** Which colour, from 0; the same tone twice is told apart by the dashes. */
  readonly tone: number
  readonly dashed?: boolean
  /** A line, points with their intervals, or both. */
  readonly drawn: 'line' | 'dots' | 'both'
}

/** A threshold or a place that matters, drawn across the plot with its name. */
export interface Mark {
  readonly axis: 'x' | 'y'
  readonly at: number
  readonly name: string
  readonly kind: 'budget' | 'note'
}

export interface Plot {
  readonly title: string
  readonly description: string
  readonly x: Axis
  readonly y: Axis
  readonly lines: readonly Line[]
  readonly marks: readonly Mark[]
}
