/** How the cluster is, what can be done about it, and how its pooler's instances are. */
import { h, stateBadge, table } from './dom.js'

const heads = [{ text: 'Instance' }, { text: 'Ready' }, { text: 'Reads settings', number: true }, { text: 'Message' }]

export function makeState({ wake, suspend, reload }) {
  const line = h('p', { class: 'state-line', role: 'status', 'aria-live': 'polite' }, 'Loading …')
  const waiting = h('p', { class: 'hint', hidden: true })
  const instances = h('div')
  const buttons = {
    wake: action('Wake', 'main', wake),
    suspend: action('Suspend', '', suspend),
    reload: action('Reload settings', '', reload),
  }
  const element = h('div', {}, line, h('div', { class: 'actions' }, ...Object.values(buttons)), waiting, instances)
  let shown = ''

  function show(status) {
    // Said once, not at each look.
    const now = JSON.stringify([status.state, status.is_ready, status.message])
    if (now !== shown)
      line.replaceChildren(
        stateBadge(status.state),
        h('span', {}, status.is_ready ? 'ready' : 'not ready'),
        h('span', { class: 'hint' }, status.message),
      )
    shown = now
    able(buttons.wake, status.state === 'suspended')
    able(buttons.suspend, status.state === 'active')
    able(buttons.reload, status.state === 'active')
    const behind =
      status.applied_generation < status.generation
        ? `Generation ${status.generation} is on its way; ${status.applied_generation} is in place. `
        : ''
    const restart = status.pending_restart.length > 0 ? `Waits for a restart: ${status.pending_restart.join(', ')}.` : ''
    waiting.textContent = behind + restart
    waiting.hidden = waiting.textContent === ''
    instances.replaceChildren(table('Instances of the pooler', heads, status.instances.map(row), 'No instance runs.'))
  }

  return { element, show }
}

const row = ({ name, ready, generation, message }) => [
  name,
  ready ? 'yes' : 'no',
  generation === null ? 'unknown' : `generation ${generation}`,
  message,
]

/** Stays reachable by keyboard when it can do nothing, so that the focus is never lost. */
function able(button, is) {
  button.setAttribute('aria-disabled', String(!is))
}

function action(text, look, work) {
  let busy = false
  const button = h('button', { type: 'button', class: look, 'aria-disabled': 'true' }, text)
  button.addEventListener('click', async () => {
    if (busy || button.getAttribute('aria-disabled') === 'true') return
    busy = true
    button.setAttribute('aria-busy', 'true')
    await work().finally(() => ((busy = false), button.removeAttribute('aria-busy')))
  })
  return button
}
