/** Pooling by statement: what would bind a client to one server connection beyond a statement is refused before a server sees it. */
import { frontendType, type Frame } from '../../wire/index.ts'
import { Refused } from '../refused.ts'
import { statementsOf } from '../sql/effects.ts'

const binding = new Set(['begin', 'start', 'prepare'])

/** Whether the message would begin a transaction, or prepare a statement by SQL. */
export function bindsClient(frame: Frame): boolean {
  if (frame.type !== frontendType.query && frame.type !== frontendType.parse) return false
  return verbsOf(textOf(frame)).some((word) => binding.has(word))
}

export const noBinding = (): Refused =>
  new Refused('ERROR', '0A000', 'explicit transactions and PREPARE cannot be used: server connections are pooled statement by statement')

function textOf({ type, body }: Frame): string {
  const start = type === frontendType.parse ? body.indexOf(0) + 1 : 0
  const end = body.indexOf(0, start)
  return body.toString('latin1', start, end < 0 ? body.length : end)
}

const verbsOf = (text: string): string[] =>
  /\b(?:begin|start|prepare)\b/i.test(text)
    ? statementsOf(text).flatMap(([first]) => (first?.token.kind === 'word' ? [first.token.text] : []))
    : []
