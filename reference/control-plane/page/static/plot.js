/** A plot over time; what it shows last stands beside it as text for those who cannot see it. */
import uPlot from './uPlot.esm.js'
import { h, numberText } from './dom.js'

const height = 180
/** Seconds: a single sample must not be a whole width. */
const shortest = 60
const dashes = [[], [6, 4]]

export function makePlot({ title, unit, series }, signal) {
  const box = h('div', { class: 'canvas', role: 'img', 'aria-label': `${title}: no numbers yet` })
  const key = h('p', { class: 'key' }, ...series.map(([, label], n) => h('span', { class: `line-${n}` }, label)))
  const element = h('figure', {}, h('figcaption', {}, h('span', {}, title), key), box)
  let plot = null
  let data = [[], ...series.map(() => [])]

  function draw(samples) {
    data = [samples.map(({ at }) => at), ...series.map(([name]) => samples.map((sample) => sample[name] ?? null))]
    const last = samples.at(-1)
    box.setAttribute('aria-label', `${title}: ${series.map(([name, label]) => `${label} ${numberText(last?.[name])}${unit}`).join(', ')}`)
    if (plot === null && box.clientWidth > 0) plot = build()
    plot?.setData(data)
  }

  function build() {
    const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()
    const axis = {
      stroke: colour('--quiet'),
      grid: { stroke: colour('--rule'), width: 1 },
      ticks: { show: false },
      font: '12px system-ui, sans-serif',
    }
    const lines = series.map(([, label], n) => ({
      label,
      stroke: colour(`--line-${n}`),
      width: 2,
      dash: dashes[n],
      points: { show: data[0].length < 2 },
    }))
    const values = (_, ticks) => ticks.map((tick) => numberText(tick))
    return new uPlot(
      {
        width: box.clientWidth,
        height,
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { range: (_, first, last) => [Math.min(first, last - shortest), last] },
          y: { range: (_, __, most) => [0, Math.max(1, (most ?? 0) * 1.1)] },
        },
        axes: [
          { ...axis, space: 70, values: (_, ticks) => ticks.map(clock) },
          { ...axis, size: 52, values },
        ],
        series: [{}, ...lines],
      },
      data,
      box,
    )
  }

  function rebuild() {
    plot?.destroy()
    plot = data[0].length > 0 && box.clientWidth > 0 ? build() : null
  }

  const sizes = new ResizeObserver(() => plot?.setSize({ width: box.clientWidth, height }))
  sizes.observe(box)
  const scheme = matchMedia('(prefers-color-scheme: dark)')
  scheme.addEventListener('change', rebuild, { signal })
  signal.addEventListener('abort', () => (sizes.disconnect(), plot?.destroy()), { once: true })
  return { element, draw }
}

const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString('en-GB')
