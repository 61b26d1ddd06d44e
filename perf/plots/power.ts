/** Which slowdowns are seen here, and how often. */
import type { Power } from '../power/detection.ts'
import type { Plot } from './plot.ts'

export function powerPlot(median: Power, tail: Power, rounds: number): Plot {
  const text = (name: string, power: Power) =>
    `${name}: ${power.points.map(({ shiftMs, seen }) => `${shiftMs} ms in ${Math.round(seen * 100)} of 100`).join(', ')}, false alarms in ${Math.round(power.falseAlarms * 100)} of 100`
  const line = (name: string, power: Power, tone: number) => ({
    name,
    tone,
    drawn: 'both' as const,
    points: power.points.map(({ shiftMs, seen }) => ({ x: shiftMs, y: seen * 100 })),
  })
  return {
    title: `slowdowns that ${rounds} rounds see on this machine`,
    description: `${text('median', median)}. ${text('99th percentile', tail)}.`,
    x: { label: 'slowdown, ms', scale: 'log' },
    y: { label: 'seen, %', scale: 'linear' },
    lines: [line('median', median, 0), line('99th percentile', tail, 1)],
    marks: [{ axis: 'y', at: 90, name: 'nine of ten', kind: 'note' }],
  }
}
