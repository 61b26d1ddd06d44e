/** Draws a plot as SVG: 600 wide, so that its letters are read as they are on a small screen and grow on a large one. */
import { createHash } from 'node:crypto'
import type { Axis, Line, Mark, Plot, Point } from './plot.ts'
import { scaleOver, type Scale, type Tick } from './scale.ts'
import { plotStyle, tonesCount } from './style.ts'

const width = 600
const inner = { left: 64, right: 30, height: 250, bottom: 54 }
/** About how wide a letter of the legend is. */
const letter = 6.9

interface Frame {
  readonly top: number
  readonly height: number
  readonly x: Scale
  readonly y: Scale
  px(value: number): number
  py(value: number): number
}

/** `page`: its style stands in the page; `alone`: a file of its own. */
export function drawPlot(plot: Plot, where: 'page' | 'alone'): string {
  const legend = layLegend(plot.lines)
  const above = plot.marks.some((mark) => mark.axis === 'x') ? 18 : 0
  const frame = frameOf(plot, 34 + legend.height + above)
  const id = createHash('sha256').update(JSON.stringify(plot)).digest('hex').slice(0, 10)
  const alone = where === 'alone'
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="plot" viewBox="0 0 ${width} ${frame.height}"${alone ? ` width="${width}" height="${frame.height}"` : ''} role="img" aria-labelledby="${id}-t ${id}-d">`,
    `<title id="${id}-t">${text(plot.title)}</title><desc id="${id}-d">${text(plot.description)}</desc>`,
    alone ? `<style>${plotStyle}</style>` : '',
    `<rect class="paper" width="${width}" height="${frame.height}"/>`,
    `<text class="title" x="${inner.left}" y="20">${text(shorten(plot.title, 58))}</text>`,
    legend.drawn,
    xAxis(plot.x, frame),
    yAxis(plot.y, frame),
    ...plot.lines.map((line) => drawLine(line, frame)),
    drawMarks(plot.marks, frame),
    `</svg>`,
  ]
    .filter((part) => part !== '')
    .join('\n')
}

function frameOf(plot: Plot, top: number): Frame {
  const points = plot.lines.flatMap((line) => line.points)
  const marked = (axis: Mark['axis']) => plot.marks.filter((mark) => mark.axis === axis).map((mark) => mark.at)
  const x =
    plot.x.names === undefined
      ? scaleOver(plot.x.scale, [...points.map((point) => point.x), ...marked('x')], plot.x.whole)
      : namedScale(plot.x.names)
  const ys = points.flatMap(({ y, low = y, high = y }) => [y, low, high])
  const y = scaleOver(plot.y.scale, [...ys, ...marked('y')])
  return {
    top,
    height: top + inner.height + inner.bottom,
    x,
    y,
    px: (value) => inner.left + x.place(value) * (width - inner.left - inner.right),
    py: (value) => top + (1 - y.place(value)) * inner.height,
  }
}

/** Whole numbers from 0, each with a name; where there are too many names, only some are written. */
function namedScale(names: readonly string[]): Scale {
  const every = Math.max(1, Math.ceil(names.length / 8))
  const ticks = names.flatMap((label, value): Tick[] => ((names.length - 1 - value) % every === 0 ? [{ value, label }] : []))
  return { ticks, place: (value) => (value + 0.5) / names.length }
}

function xAxis({ label }: Axis, { x, px, top }: Frame): string {
  const bottom = top + inner.height
  const ticks = apart(x.ticks, (tick) => px(tick.value), 8).map(
    ({ value, label: words }) =>
      `<line class="grid" x1="${n(px(value))}" x2="${n(px(value))}" y1="${top}" y2="${bottom}"/><text x="${n(px(value))}" y="${bottom + 18}" text-anchor="middle">${text(words)}</text>`,
  )
  const middle = (inner.left + width - inner.right) / 2
  return `${ticks.join('')}<line class="axis" x1="${inner.left}" x2="${width - inner.right}" y1="${bottom}" y2="${bottom}"/><text class="label" x="${middle}" y="${bottom + 42}" text-anchor="middle">${text(label)}</text>`
}

function yAxis({ label }: Axis, { y, py, top }: Frame): string {
  const ticks = y.ticks
    .filter((_, at) => y.ticks.length <= 9 || at % Math.ceil(y.ticks.length / 9) === 0)
    .map(
      ({ value, label: words }) =>
        `<line class="grid" x1="${inner.left}" x2="${width - inner.right}" y1="${n(py(value))}" y2="${n(py(value))}"/><text x="${inner.left - 8}" y="${n(py(value) + 4)}" text-anchor="end">${text(words)}</text>`,
    )
  const middle = top + inner.height / 2
  return `${ticks.join('')}<text class="label" transform="translate(16 ${middle}) rotate(-90)" text-anchor="middle">${text(label)}</text>`
}

/** Leaves out ticks whose words would touch. */
function apart(ticks: readonly Tick[], place: (tick: Tick) => number, air: number): readonly Tick[] {
  let end = -Infinity
  return ticks.filter((tick) => {
    const half = (tick.label.length * letter) / 2
    if (place(tick) - half < end + air) return false
    end = place(tick) + half
    return true
  })
}

function drawLine({ points, tone, dashed, drawn }: Line, frame: Frame): string {
  const there = points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))
  const colour = `tone-${tone % tonesCount}`
  const at = ({ x, y }: Point) => `${n(frame.px(x))},${n(frame.py(y))}`
  if (there.length === 0) return ''
  const curve = `<polyline class="curve ${colour}${dashed ? ' dashed' : ''}" points="${there.map(at).join(' ')}"/>`
  const dots = there.map(
    (point) =>
      `${span(point, colour, frame)}<circle class="dot ${colour}" cx="${n(frame.px(point.x))}" cy="${n(frame.py(point.y))}" r="4.5"/>`,
  )
  return `${drawn === 'dots' ? '' : curve}${drawn === 'line' ? '' : dots.join('')}`
}

function span({ x, low, high }: Point, colour: string, { px, py }: Frame): string {
  if (low === undefined || high === undefined) return ''
  const [middle, bottom, top] = [px(x), py(low), py(high)].map(n)
  const cap = (y: string) => `M${n(px(x) - 5)} ${y}H${n(px(x) + 5)}`
  return `<path class="span ${colour}" d="M${middle} ${bottom}V${top}${cap(bottom!)}${cap(top!)}"/>`
}

function drawMarks(marks: readonly Mark[], frame: Frame): string {
  const bottom = frame.top + inner.height
  return marks
    .map((mark) => {
      const words = `class="halo${mark.kind === 'budget' ? ' on-budget' : ' name'}"`
      if (mark.axis === 'y') {
        const y = frame.py(mark.at)
        const above = y - frame.top > 20
        return `<line class="${mark.kind}" x1="${inner.left}" x2="${width - inner.right}" y1="${n(y)}" y2="${n(y)}"/><text ${words} x="${inner.left + 6}" y="${n(above ? y - 6 : y + 16)}">${text(mark.name)}</text>`
      }
      const x = frame.px(mark.at)
      return `<line class="${mark.kind}" x1="${n(x)}" x2="${n(x)}" y1="${frame.top}" y2="${bottom}"/><text ${words} x="${n(x)}" y="${frame.top - 6}" text-anchor="middle">${text(mark.name)}</text>`
    })
    .join('')
}

/** Names side by side, in as many rows as they need. */
function layLegend(lines: readonly Line[]): { readonly drawn: string; readonly height: number } {
  let [x, row] = [inner.left, 0]
  const named = lines.filter((line) => line.name !== '')
  const drawn = named.map((line) => {
    const room = 34 + line.name.length * letter + 16
    if (x > inner.left && x + room > width) [x, row] = [inner.left, row + 1]
    const y = 40 + row * 20
    const colour = `tone-${line.tone % tonesCount}`
    const sample =
      line.drawn === 'dots'
        ? `<circle class="dot ${colour}" cx="${n(x + 13)}" cy="${y - 4}" r="4.5"/>`
        : `<line class="curve ${colour}${line.dashed ? ' dashed' : ''}" x1="${n(x)}" x2="${n(x + 26)}" y1="${y - 4}" y2="${y - 4}"/>`
    const told = `${sample}<text class="name" x="${n(x + 34)}" y="${y}">${text(line.name)}</text>`
    x += room
    return told
  })
  return { drawn: drawn.join(''), height: named.length === 0 ? 0 : (row + 1) * 20 + 4 }
}

const n = (value: number) => String(Math.round(value * 10) / 10)

const shorten = (words: string, most: number) => (words.length <= most ? words : `${words.slice(0, most - 1)}…`)

function text(raw: string): string {
  return raw
    .toWellFormed()
    .replaceAll(/[\u0000-\u001f\u007f]/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
