/** Which view is shown: nobody sees anything without a token, and an idle screen forgets it. */
import { hasToken, setToken, whenLost } from './api.js'
import { clusterView } from './cluster.js'
import { listView } from './list.js'
import { byId, h } from './dom.js'
import { notify, clearNotices } from './notices.js'
import { signInView } from './sign-in.js'

const main = byId('main')
const signOut = byId('sign-out')
let leave = new AbortController()

/** Views work until their signal fires. */
function show() {
  leave.abort()
  leave = new AbortController()
  clearNotices()
  signOut.hidden = !hasToken()
  byId('link-state').textContent = ''
  const id = /^#\/clusters\/([^/]+)$/.exec(location.hash)?.[1]
  const view = !hasToken() ? signInView(show) : id === undefined ? listView(leave.signal) : clusterView(decode(id), leave.signal)
  crumbs(hasToken() && id !== undefined ? decode(id) : null)
  main.replaceChildren(view)
  ;(main.querySelector('[autofocus]') ?? main).focus({ preventScroll: true })
}

function decode(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function crumbs(id) {
  document.title = id === null ? 'Orochi' : `${id} · Orochi`
  byId('crumbs').replaceChildren(
    ...(id === null ? [] : [h('a', { href: '#/' }, 'Clusters'), ' / ', h('span', { 'aria-current': 'page' }, id)]),
  )
}

function forget(why) {
  if (!hasToken()) return
  setToken(null)
  show()
  if (why) notify(why, 'info')
}

signOut.addEventListener('click', () => forget('You are signed out. The token is forgotten.'))
whenLost((problem) => forget(`The control plane does not take this token (any more): ${problem.message}`))
addEventListener('hashchange', () => location.hash !== '#main' && show())
byId('skip').addEventListener('click', (event) => (event.preventDefault(), main.focus()))

const idleMs = Number(document.querySelector('meta[name=idle-seconds]').content) * 1000
let touched = Date.now()
for (const kind of ['keydown', 'pointerdown', 'pointermove', 'wheel', 'touchstart'])
  addEventListener(kind, () => (touched = Date.now()), { passive: true })
setInterval(
  () => Date.now() - touched >= idleMs && forget('You were away for long, so the token was forgotten. Sign in again.'),
  Math.min(1000, idleMs / 2),
)

show()
