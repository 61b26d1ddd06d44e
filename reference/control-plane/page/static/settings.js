/** The pooler's settings in a form: checked here, refused there, and never written over what somebody else changed meanwhile. */
import { ask } from './api.js'
import { fields } from './fields.js'
import { h, table } from './dom.js'
import { notify, tell } from './notices.js'

const heads = [{ text: 'Setting' }, { text: 'Theirs' }, { text: 'Yours' }]

export function makeSettings(path, saved) {
  const made = fields.map((field) => ({ ...field, ...field.make(touched) }))
  const note = h('p', { class: 'hint', role: 'status' })
  const conflict = h('div', { class: 'conflict', role: 'alert', hidden: true })
  const save = h('button', { type: 'submit', class: 'main', 'aria-disabled': 'true' }, 'Save')
  const undo = h('button', { type: 'button', 'aria-disabled': 'true', onclick: () => undo.ariaDisabled === 'true' || reset() }, 'Undo')
  const element = h(
    'form',
    { onsubmit: submit, novalidate: true, 'aria-label': 'Settings of the pooler' },
    h('div', { class: 'fields' }, ...made.map(({ row }) => row)),
    conflict,
    h('div', { class: 'actions' }, save, undo),
    note,
  )
  let seen = null
  let seenEtag = null

  /** What is being edited stays as it is; that somebody else changed it shows when it is saved, or at once where nothing is edited. */
  function show(pooler, etag) {
    if (seen !== null && edited().length > 0) return
    if (etag !== seenEtag) for (const { name, write } of made) write(pooler[name])
    seen = pooler
    seenEtag = etag
    touched()
  }

  const edited = () => (seen === null ? [] : made.filter(({ name, read }) => read() !== seen[name]))

  function touched() {
    const changed = edited()
    for (const field of made) field.mark(changed.includes(field))
    for (const button of [save, undo]) button.setAttribute('aria-disabled', String(changed.length === 0))
    note.textContent = changed.length === 0 ? '' : `Not saved: ${changed.map(({ label }) => label).join(', ')}`
  }

  function reset() {
    for (const { name, write } of made) write(seen[name])
    conflict.hidden = true
    touched()
  }

  async function submit(event) {
    event.preventDefault()
    const changed = edited()
    if (changed.length === 0) return
    const wrong = made.filter(({ check }) => !check())
    if (wrong.length > 0) return wrong[0].focus()
    await send(Object.fromEntries(changed.map(({ name, read }) => [name, read()])), seenEtag)
  }

  async function send(patch, etag) {
    save.setAttribute('aria-busy', 'true')
    conflict.hidden = true
    try {
      const { body, etag: newEtag } = await ask(path, { method: 'PATCH', body: patch, etag })
      seen = body
      seenEtag = newEtag
      reset()
      notify('The settings are saved.', 'info')
      await saved()
    } catch (problem) {
      await refused(problem, patch)
    } finally {
      save.removeAttribute('aria-busy')
    }
  }

  async function refused(problem, patch) {
    if (problem.status === 412) return await showConflict(patch)
    const unplaced = problem.errors.filter(({ path: at, message }) => !placed(at, message))
    if (problem.errors.length === 0 || unplaced.length > 0) return tell(problem)
    made.find(({ isWrong }) => isWrong())?.focus()
  }

  /** A message of the control plane, at the setting that it is about. */
  function placed(at, message) {
    const field = made.find(({ name }) => at.split(/[./]/).at(-1) === name)
    field?.refuse(message)
    return field !== undefined
  }

  async function showConflict(patch) {
    const { body, etag } = await ask(path)
    const rows = made
      .filter(({ name }) => body[name] !== seen[name] || name in patch)
      .map(({ name, label, text }) => [label, text(body[name]), name in patch ? text(patch[name]) : 'as it is'])
    const take = h('button', { type: 'button' }, 'Take theirs')
    const keep = h('button', { type: 'button', class: 'main' }, 'Save mine over it')
    take.addEventListener('click', () => ((seen = body), (seenEtag = etag), reset(), save.focus()))
    keep.addEventListener('click', () => void send(patch, etag))
    const title = h('p', {}, h('strong', {}, 'Somebody else changed the settings meanwhile. '), 'Nothing was saved.')
    conflict.replaceChildren(title, table('What was changed', heads, rows, ''), h('div', { class: 'actions' }, take, keep))
    conflict.hidden = false
    take.focus()
  }

  return { element, show }
}
