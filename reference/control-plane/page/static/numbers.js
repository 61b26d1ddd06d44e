/** What the pooler does now: numbers, and how they went over the last minutes. */
import { events, pause } from './api.js'
import { h, numberText, whole } from './dom.js'
import { makePlot } from './plot.js'
import { makeShards } from './shards.js'

const againMs = 1_000
const window = 300

const plots = [
  {
    title: 'Connections',
    unit: '',
    series: [
      ['active_connections', 'active'],
      ['idle_connections', 'idle'],
    ],
  },
  { title: 'Queries per second', unit: '', series: [['queries_per_second', 'queries/s']] },
  {
    title: 'Latency',
    unit: ' ms',
    series: [
      ['average_latency_ms', 'average'],
      ['p99_latency_ms', 'p99'],
    ],
  },
]

const figures = [
  ['active_connections', 'Active'],
  ['idle_connections', 'Idle'],
  ['queries_per_second', 'Queries/s'],
  ['average_latency_ms', 'Average, ms'],
  ['p99_latency_ms', 'p99, ms'],
  ['total_queries', 'Queries in all'],
]

export function makeNumbers(path, signal) {
  const values = new Map(figures.map(([name]) => [name, h('dd', {}, '–')]))
  const why = h('p', { class: 'hint', role: 'status' }, 'Waiting for the first numbers …')
  const list = h('dl', { class: 'figures' }, ...figures.map(([name, label]) => h('div', {}, h('dt', {}, label), values.get(name))))
  const drawn = plots.map((plot) => makePlot(plot, signal))
  const shards = makeShards()
  const samples = []
  let asks = false
  let stop = () => {}

  async function run() {
    while (!signal.aborted) {
      if (asks && !document.hidden) await follow().catch((problem) => signal.aborted || blank(problem.message))
      await pause(againMs, signal).catch(() => {})
    }
  }

  /** A page that nobody sees leaves its connection to others: a browser has few of them. */
  async function follow() {
    const leave = new AbortController()
    const look = () => document.hidden && leave.abort()
    document.addEventListener('visibilitychange', look)
    stop = () => leave.abort()
    try {
      for await (const { kind, data } of events(path, AbortSignal.any([signal, leave.signal])))
        kind === 'stats' ? take(data) : blank(data.detail)
    } catch (problem) {
      if (!leave.signal.aborted) throw problem
    } finally {
      document.removeEventListener('visibilitychange', look)
    }
  }

  function take(stats) {
    for (const [name] of figures)
      values.get(name).textContent = name === 'total_queries' ? whole.format(stats[name]) : numberText(stats[name])
    samples.push({ ...stats, at: Date.parse(stats.at) / 1000 })
    if (samples.length > window) samples.shift()
    for (const plot of drawn) plot.draw(samples)
    shards.show(stats.shard_distribution)
    const silent = (stats.instances ?? []).filter(({ answered }) => !answered)
    why.textContent = silent.length === 0 ? '' : `Without ${silent.map(({ name }) => name).join(', ')}: no answer.`
  }

  function blank(text) {
    for (const value of values.values()) value.textContent = '–'
    why.textContent = text
  }

  function mayAsk(may) {
    if (may === asks && samples.length > 0) return
    asks = may
    if (may) return
    stop()
    blank('Its pooler can be asked when it is awake.')
  }

  void run()
  const grid = h('div', { class: 'plots' }, ...drawn.map(({ element }) => element))
  return { element: h('div', {}, list, why, grid), shards: shards.element, mayAsk }
}
