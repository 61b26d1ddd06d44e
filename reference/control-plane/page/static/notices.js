/** What went wrong or well, said where everybody hears it. */
import { byId, h } from './dom.js'

export function notify(text, kind = 'error') {
  const close = h('button', { type: 'button', class: 'quiet', 'aria-label': 'Dismiss', onclick: () => notice.remove() }, '×')
  const notice = h('div', { class: `notice ${kind}` }, h('p', {}, text), close)
  const box = byId('notices')
  // The same thing again is no news.
  for (const other of [...box.children]) if (other.firstChild.textContent === text || box.children.length > 3) other.remove()
  box.append(notice)
}

export const clearNotices = () => byId('notices').replaceChildren()

export function tell(problem) {
  // Whose token is not taken is told so already.
  if (problem?.name === 'AbortError' || problem?.status === 401) return
  const details = (problem.errors ?? []).map(({ path, message }) => `${path}: ${message}`)
  const again = problem.retryAfter ? `\nTry again in ${problem.retryAfter} s.` : ''
  notify([problem.message + again, ...details.filter((line) => !problem.message.includes(line))].join('\n'))
}
