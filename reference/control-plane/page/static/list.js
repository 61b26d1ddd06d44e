/** All clusters that the token shows. */
import { ask, pause } from './api.js'
import { h, section, stateBadge, table, timeText } from './dom.js'
import { tell } from './notices.js'

const heads = [{ text: 'Cluster' }, { text: 'State' }, { text: 'Ready' }, { text: 'Since' }, { text: 'Message' }]
const everyMs = 5_000

export function listView(signal) {
  const box = h('div', { 'aria-busy': 'true' }, h('p', { class: 'empty' }, 'Loading …'))
  void refresh(box, signal)
  return h('div', { class: 'page' }, h('h1', {}, 'Clusters'), section('clusters', 'All clusters', box))
}

async function refresh(box, signal) {
  while (!signal.aborted) {
    try {
      const clusters = await allClusters(signal)
      // Whoever stands on a link must not lose it.
      if (!box.contains(document.activeElement))
        box.replaceChildren(table('All clusters', heads, clusters.map(row), 'There is no cluster yet.'))
      box.removeAttribute('aria-busy')
    } catch (problem) {
      if (!signal.aborted) tell(problem)
    }
    await pause(everyMs, signal).catch(() => {})
  }
}

async function allClusters(signal) {
  const found = []
  for (let after = ''; after !== null;) {
    const { body } = await ask(`/api/v1/clusters${after === '' ? '' : `?after=${encodeURIComponent(after)}`}`, { signal })
    found.push(...body.clusters)
    after = body.clusters.length === 0 ? null : (body.next ?? null)
  }
  return found
}

function row({ id, status }) {
  const link = h('a', { href: `#/clusters/${encodeURIComponent(id)}` }, id)
  return [link, stateBadge(status.state), status.is_ready ? 'yes' : 'no', timeText(status.since), status.message]
}
