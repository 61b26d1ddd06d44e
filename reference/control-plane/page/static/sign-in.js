/** Asks for a token, and tries it before anything is shown. */
import { ask, setToken } from './api.js'
import { h } from './dom.js'

export function signInView(signedIn) {
  const input = h('input', {
    id: 'token',
    type: 'password',
    autocomplete: 'off',
    spellcheck: 'false',
    required: true,
    autofocus: true,
    'aria-describedby': 'token-hint token-fault',
  })
  const fault = h('p', { id: 'token-fault', class: 'fault', role: 'alert' })
  const button = h('button', { type: 'submit', class: 'main' }, 'Sign in')

  async function submit(event) {
    event.preventDefault()
    const text = input.value.trim().replace(/^Bearer /i, '')
    if (!/^[\x21-\x7e]+$/.test(text)) return refuse('That is no token: paste it whole, and nothing else.')
    button.disabled = true
    setToken(text)
    try {
      await ask('/api/v1/clusters?limit=1', { first: true })
      input.value = ''
      signedIn()
    } catch (problem) {
      setToken(null)
      refuse(problem.status === 401 || problem.status === 403 ? `This token is not taken: ${problem.message}` : problem.message)
    } finally {
      button.disabled = false
    }
  }

  function refuse(text) {
    fault.textContent = text
    input.setAttribute('aria-invalid', 'true')
    input.focus()
  }

  return h(
    'form',
    { class: 'card lone', onsubmit: submit, 'aria-labelledby': 'sign-in-title', novalidate: true },
    h('h1', { id: 'sign-in-title' }, 'Sign in'),
    h('label', { for: 'token' }, 'Token'),
    input,
    h(
      'p',
      { id: 'token-hint', class: 'hint' },
      'A JWT with the permission to see clusters. It stays in this tab’s memory and is forgotten when you leave.',
    ),
    fault,
    button,
  )
}
