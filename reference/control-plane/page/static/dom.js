/** Makes elements. Text is text: nothing that comes from elsewhere is ever read as markup. */

/** `on…` are listeners, the rest are attributes; false and null leave one out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
    else element.setAttribute(name, value === true ? '' : String(value))
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined))
  return element
}

export const byId = (id) => document.getElementById(id)

/** A table with a caption that tells readers of screens what it is. */
export function table(caption, heads, rows, empty) {
  if (rows.length === 0) return h('p', { class: 'empty' }, empty)
  const head = h('tr', {}, ...heads.map(({ text, number }) => h('th', { scope: 'col', class: number ? 'number' : null }, text)))
  const body = rows.map((cells) => h('tr', {}, ...cells.map((cell, n) => cellOf(cell, heads[n]))))
  const made = h('table', {}, h('caption', { class: 'unseen' }, caption), h('thead', {}, head), h('tbody', {}, ...body))
  return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption }, made)
}

const cellOf = (cell, { number }) => h('td', { class: number ? 'number' : null }, cell)

/** In a card with its heading. */
export function section(id, title, ...children) {
  return h('section', { class: 'card', id, 'aria-labelledby': `${id}-title` }, h('h2', { id: `${id}-title` }, title), ...children)
}

export const whole = new Intl.NumberFormat('en')
const short = new Intl.NumberFormat('en', { maximumFractionDigits: 2 })
export const numberText = (value) => (value === null || value === undefined ? '–' : short.format(value))

export function timeText(iso) {
  return new Date(iso).toLocaleString('en-GB', { dateStyle: 'short', timeStyle: 'medium' })
}

const words = { active: 'active', running: 'active', suspended: 'suspended', waking: 'waking', suspending: 'suspending' }

/** Never by colour alone. */
export function stateBadge(state) {
  return h('span', { class: `badge ${words[state] ?? 'other'}` }, state)
}
