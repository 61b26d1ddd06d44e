/** What happened to the cluster: the newest first. */
import { h, numberText, table, timeText } from './dom.js'

const heads = [{ text: 'When' }, { text: 'What' }, { text: 'State' }, { text: 'Message' }, { text: 'By' }, { text: 'Took', number: true }]
const kept = 200
const perPage = 20

export function makeLog() {
  const seen = new Map()
  const all = h('input', { type: 'checkbox', id: 'log-all', onchange: draw })
  const more = h('button', { type: 'button', class: 'quiet', onclick: () => ((count += perPage), draw()) }, 'Show older')
  const box = h('div')
  const element = h(
    'div',
    {},
    h('div', { class: 'check' }, all, h('label', { for: 'log-all' }, 'All events, not only sleep and wake')),
    box,
    more,
  )
  let count = perPage

  function add(events) {
    for (const event of events) seen.set(event.id, event)
    for (const id of [...seen.keys()].toSorted((a, b) => a - b).slice(0, -kept)) seen.delete(id)
    draw()
  }

  function draw() {
    const chosen = [...seen.values()].filter(({ kind }) => all.checked || /^(?:wake|suspend)\./.test(kind)).toSorted((a, b) => b.id - a.id)
    box.replaceChildren(table('Events, the newest first', heads, chosen.slice(0, count).map(row), 'Nothing has happened yet.'))
    more.hidden = chosen.length <= count
  }

  draw()
  return { element, add }
}

function row({ at, kind, state, message, cause, duration_ms: took, warmth }) {
  const what = warmth === null || warmth === undefined ? kind : `${kind} (${warmth})`
  return [
    h('time', { datetime: at }, timeText(at)),
    what,
    state,
    message,
    cause ?? '',
    took === null || took === undefined ? '' : `${numberText(took)} ms`,
  ]
}
