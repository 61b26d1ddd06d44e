/** The seven settings, each with its control, its hint and its limits. */
import { h } from './dom.js'

const yesNo = (value) => (value ? 'on' : 'off')

export const fields = [
  {
    name: 'enabled',
    label: 'Pooler',
    hint: 'Without it clients meet the servers themselves.',
    text: yesNo,
    make: toggle('enabled', 'Pooler', 'Without it clients meet the servers themselves.'),
  },
  {
    name: 'mode',
    label: 'Mode',
    text: String,
    make: choice('mode', 'Mode', 'A server connection is given back after each transaction, or when the client leaves.', [
      'transaction',
      'session',
    ]),
  },
  {
    name: 'max_connections',
    label: 'Server connections',
    text: String,
    make: number('max_connections', 'Server connections', 'Of the whole cluster, shared by its instances.', 1, 100_000),
  },
  {
    name: 'idle_timeout_seconds',
    label: 'Idle limit',
    text: String,
    make: number('idle_timeout_seconds', 'Idle limit', 'Seconds until an idle server connection is closed.', 1, 86_400),
  },
  {
    name: 'read_write_split',
    label: 'Read/write split',
    text: yesNo,
    make: toggle('read_write_split', 'Read/write split', 'Reads go to replicas.'),
  },
  {
    name: 'sharding_enabled',
    label: 'Sharding',
    text: yesNo,
    make: toggle('sharding_enabled', 'Sharding', 'Tables lie over several servers.'),
  },
  {
    name: 'default_shard_count',
    label: 'Shards',
    text: String,
    make: number('default_shard_count', 'Shards', 'Waits for a restart. They can become more, never fewer.', 1, 1024),
  },
]

/** Around a control: label, hint, fault, and whether it is changed. */
function frame(name, label, hint, control) {
  const fault = h('p', { id: `${name}-fault`, class: 'fault', role: 'alert' })
  control.id = name
  control.setAttribute('aria-describedby', `${name}-hint ${name}-fault`)
  const row = h(
    'div',
    { class: 'field' },
    h('label', { for: name }, label),
    control,
    h('p', { id: `${name}-hint`, class: 'hint' }, hint),
    fault,
  )
  return {
    row,
    focus: () => control.focus(),
    mark: (changed) => row.classList.toggle('changed', changed),
    isWrong: () => fault.textContent !== '',
    refuse(text) {
      fault.textContent = text
      control.toggleAttribute('aria-invalid', text !== '')
      if (text !== '') control.setAttribute('aria-invalid', 'true')
    },
  }
}

function toggle(name, label, hint) {
  return (touched) => {
    const control = h('input', { type: 'checkbox', role: 'switch' })
    const framed = frame(name, label, hint, control)
    control.addEventListener('change', () => (framed.refuse(''), touched()))
    return { ...framed, read: () => control.checked, write: (value) => ((control.checked = value), framed.refuse('')), check: () => true }
  }
}

function choice(name, label, hint, options) {
  return (touched) => {
    const control = h('select', {}, ...options.map((value) => h('option', { value }, value)))
    const framed = frame(name, label, hint, control)
    control.addEventListener('change', () => (framed.refuse(''), touched()))
    return { ...framed, read: () => control.value, write: (value) => ((control.value = value), framed.refuse('')), check: () => true }
  }
}

function number(name, label, hint, least, most) {
  return (touched) => {
    const control = h('input', { type: 'text', inputmode: 'numeric', autocomplete: 'off', required: true })
    const framed = frame(name, label, hint, control)
    const isGood = () => /^\d{1,9}$/.test(control.value.trim()) && Number(control.value) >= least && Number(control.value) <= most
    function check() {
      framed.refuse(isGood() ? '' : `A whole number from ${least} to ${most}.`)
      return isGood()
    }
    control.addEventListener('input', () => (framed.isWrong() && check(), touched()))
    control.addEventListener('blur', check)
    // What is no number is itself: so it counts as changed, and can be checked.
    const read = () => (isGood() ? Number(control.value) : control.value)
    return { ...framed, read, write: (value) => ((control.value = String(value)), framed.refuse('')), check }
  }
}
