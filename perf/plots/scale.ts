/** From values to places on an axis, with ticks at numbers that people read easily. */

export type ScaleKind = 'linear' | 'log' | 'percentile'

export interface Tick {
  readonly value: number
  readonly label: string
}

export interface Scale {
  readonly ticks: readonly Tick[]
  /** 0 at the beginning of the axis, 1 at its end; what lies outside is held at the end. */
  place(value: number): number
}

/** Covers all values; a linear scale of what is never below zero begins at zero. */
export function scaleOver(kind: ScaleKind, values: readonly number[], whole = false): Scale {
  const finite = values.filter(Number.isFinite)
  const [least, most] = finite.length === 0 ? [0, 1] : [Math.min(...finite), Math.max(...finite)]
  if (kind === 'percentile') return percentileScale(most)
  return kind === 'log' && most > 0 ? logScale(Math.max(least, most / 1e9), most) : linearScale(least, most, whole)
}

function linearScale(least: number, most: number, whole: boolean): Scale {
  const begin = least >= 0 && least < most * 0.6 ? 0 : least
  const span = most - begin || Math.abs(most) || 1
  const padded = [begin === 0 ? 0 : begin - span * 0.08, most + span * 0.08] as const
  const step = Math.max(whole ? 1 : 0, niceStep((padded[1] - padded[0]) / 5))
  const [from, to] = [Math.floor(padded[0] / step) * step, Math.ceil(padded[1] / step) * step]
  const count = Math.round((to - from) / step)
  const ticks = Array.from({ length: count + 1 }, (_, n) => from + n * step)
  return { ticks: ticks.map((value) => ({ value, label: stepLabel(value, step) })), place: (value) => hold((value - from) / (to - from)) }
}

/** 1, 2 or 5 times a power of ten. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  const factor = [1, 2, 5, 10].find((one) => one * power >= rough * 0.999) ?? 10
  return factor * power
}

function logScale(least: number, most: number): Scale {
  const [from, to] = widened(Math.log10(least), Math.log10(most))
  const decades = Array.from({ length: Math.ceil(to) - Math.floor(from) + 1 }, (_, n) => Math.floor(from) + n)
  const digits = to - from > 3 ? [1] : to - from > 1.2 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 8]
  const ticks = decades
    .flatMap((decade) => digits.map((digit) => digit * 10 ** decade))
    .filter((value) => Math.log10(value) >= from - 1e-9 && Math.log10(value) <= to + 1e-9)
  return {
    ticks: ticks.map((value) => ({ value, label: plainLabel(value) })),
    place: (value) => hold((Math.log10(Math.max(value, 1e-300)) - from) / (to - from)),
  }
}

/** A little air at both ends, and never less than a third of a decade. */
function widened(from: number, to: number): readonly [number, number] {
  const air = Math.max((to - from) * 0.05, (0.33 - (to - from)) / 2)
  return [from - air, to + air]
}

/** Each nine takes the same room; values are shares below 1. */
function percentileScale(most: number): Scale {
  const nines = Math.max(1, Math.log10(1 / (1 - Math.min(most, 1 - 1e-7))))
  const shares = [0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999]
  return {
    ticks: shares.filter((share) => Math.log10(1 / (1 - share)) <= nines + 1e-9).map((value) => ({ value, label: shareLabel(value) })),
    place: (share) => hold(Math.log10(1 / Math.max(1 - share, 1e-9)) / nines),
  }
}

const shareLabel = (share: number) => (share === 0 ? '0 %' : `${Number((share * 100).toFixed(6))} %`)

const hold = (share: number) => Math.min(1, Math.max(0, share))

/** All ticks of an axis have as many decimals as its step needs. */
function stepLabel(value: number, step: number): string {
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9))
  return groupDigits(Math.abs(value) < step / 1e6 ? '0' : value.toFixed(decimals))
}

export function plainLabel(value: number): string {
  return groupDigits(String(Number(value.toPrecision(3))))
}

/** 15000 → 15 000. */
function groupDigits(text: string): string {
  return /^-?\d{5,}$/.test(text) ? text.replaceAll(/\B(?=(\d{3})+$)/g, '\u202f') : text
}
