/** How one figure of a soak went over time, with the slope that is seen in it. */
import { median, type Sample } from '../soak/slope.ts'
import type { SoakFinding } from '../soak/judge.ts'
import type { Plot } from './plot.ts'
import { plainLabel } from './scale.ts'

const mostPoints = 300

export function growthPlot(finding: SoakFinding): Plot {
  const { series, unit, samplesOf: samples, perHour, low, high, verdict, why } = finding
  const from = samples[0]?.seconds ?? 0
  const longest = (samples.at(-1)?.seconds ?? 0) - from
  const [label, per] = longest > 7200 ? ['time, hours', 3600] : ['time, minutes', 60]
  const every = Math.max(1, Math.ceil(samples.length / mostPoints))
  const at = ({ seconds, value }: Sample) => ({ x: (seconds - from) / per, y: value })
  const middle = at({ seconds: median(samples.map(({ seconds }) => seconds)), value: median(samples.map(({ value }) => value)) })
  const straight = (x: number) => ({ x, y: middle.y + ((x - middle.x) * per * perHour) / 3600 })
  return {
    title: `${series}: ${verdict}`,
    description: `${series} over ${plainLabel(longest / per)} ${label.slice(6)}: ${why}. The straight line is the slope of Theil and Sen, ${plainLabel(perHour)} ${unit} per hour, between ${plainLabel(low)} and ${plainLabel(high)}.`,
    x: { label, scale: 'linear' },
    y: { label: unit === series ? unit : `${series.split(' of ')[0]}, ${unit}`, scale: 'linear' },
    lines: [
      { name: series, tone: 0, drawn: 'line', points: samples.filter((_, n) => n % every === 0).map(at) },
      {
        name: `slope ${plainLabel(perHour)} ${unit}/h`,
        tone: 1,
        dashed: true,
        drawn: 'line',
        points: Number.isFinite(perHour) ? [straight(longest / per / 4), straight(longest / per)] : [],
      },
    ],
    marks: [],
  }
}
