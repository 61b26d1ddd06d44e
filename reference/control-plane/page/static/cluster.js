/** One cluster: how it is, what its pooler is set to, what it does, and what happened to it. */
import { ask, events, pause } from './api.js'
import { byId, h, section } from './dom.js'
import { makeLog } from './log.js'
import { makeNumbers } from './numbers.js'
import { notify, tell } from './notices.js'
import { makeSettings } from './settings.js'
import { makeState } from './state.js'

export function clusterView(id, signal) {
  const base = `/api/v1/clusters/${encodeURIComponent(id)}`
  const state = makeState({ wake: () => order('wake'), suspend: () => order('suspend'), reload })
  const settings = makeSettings(`${base}/pooler`, refresh)
  const numbers = makeNumbers(`${base}/pooler/stats`, signal)
  const log = makeLog()

  async function refresh() {
    try {
      const { body, etag } = await ask(`${base}/pooler`, { signal })
      state.show(body.status)
      settings.show(body, etag)
      numbers.mayAsk(body.status.state === 'active')
    } catch (problem) {
      if (!signal.aborted) problem.status === 404 ? gone() : tell(problem)
    }
  }

  async function order(verb) {
    try {
      const { body, status } = await ask(`${base}/${verb}`, { method: 'POST', signal })
      notify(status === 202 ? `The ${verb} has begun.` : `Nothing to do: it is ${body.state}.`, 'info')
    } catch (problem) {
      tell(problem)
    }
    await refresh()
  }

  async function reload() {
    try {
      const { body } = await ask(`${base}/pooler/reload`, { method: 'POST', signal })
      const waiting = body.pending_restart.length > 0 ? ` These wait for a restart: ${body.pending_restart.join(', ')}.` : ''
      notify(`${body.instances.length} instances have read their settings again.${waiting}`, 'info')
    } catch (problem) {
      tell(problem)
    }
    await refresh()
  }

  function gone() {
    byId('main').replaceChildren(
      h(
        'div',
        { class: 'page' },
        h('h1', {}, id),
        h('p', { class: 'empty' }, 'There is no such cluster. '),
        h('a', { href: '#/' }, 'All clusters'),
      ),
    )
  }

  void refresh()
  void follow(id, base, signal, log, refresh)
  return h(
    'div',
    { class: 'page' },
    h('h1', {}, id),
    h(
      'div',
      { class: 'columns' },
      h('div', { class: 'stack' }, section('state', 'State', state.element), section('shards', 'Shards', numbers.shards)),
      section('settings', 'Settings', settings.element),
    ),
    section('numbers', 'Live numbers', numbers.element),
    section('log', 'Log', log.element),
  )
}

const againMs = 2_000

/** What was, then what comes; a stream that ends is opened anew from where it was. */
async function follow(id, base, signal, log, refresh) {
  const light = byId('link-state')
  let last = 0
  while (!signal.aborted) {
    try {
      last = await readPast(base, last, signal, log)
      light.textContent = 'live'
      light.className = 'link-state live'
      await refresh()
      for await (const { data } of events(`/api/v1/events?cluster=${encodeURIComponent(id)}&after=${last}`, signal)) {
        last = Math.max(last, data.id)
        log.add([data])
        void refresh()
      }
    } catch (problem) {
      if (signal.aborted) return
      if (problem.status === 404) return
    }
    light.textContent = 'not live, trying again'
    light.className = 'link-state lost'
    await pause(againMs, signal).catch(() => {})
  }
}

async function readPast(base, after, signal, log) {
  for (let from = after; ;) {
    const { body } = await ask(`${base}/events?after=${from}&limit=500`, { signal })
    log.add(body.events)
    from = body.events.at(-1)?.id ?? from
    if (body.next === null) return from
  }
}
