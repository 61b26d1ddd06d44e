/** Reads the start-up parameter `options` as Postgres does: words with backslash escapes, then `-c name=value` and `--name=value`. */
import { Refusal } from './reasons.ts'

export type Setting = readonly [name: string, value: string]

/** The settings in order. Throws a Refusal for anything else than a setting: no other server switch is for clients. */
export function readOptions(text: string): Setting[] {
  const settings: Setting[] = []
  const words = splitWords(text)
  while (words.length > 0) settings.push(readSetting(takeSetting(words)))
  return settings
}

/** Words are separated by white space; a backslash takes the next character as it is. */
export function splitWords(text: string): string[] {
  return (text.match(/(?:\\[\s\S]|[^\s\\])+/g) ?? []).map((word) => word.replaceAll(/\\([\s\S])/g, '$1'))
}

/** `-c` may stand alone before its setting, or be glued to it. */
function takeSetting(words: string[]): string {
  const word = words.shift() ?? ''
  if (word === '-c') return words.shift() ?? ''
  if (word.startsWith('--')) return word.slice(2)
  if (word.startsWith('-c')) return word.slice(2)
  throw new Refusal('unsupported_parameter', { parameter: 'options' })
}

function readSetting(text: string): Setting {
  const at = text.indexOf('=')
  if (at < 1) throw new Refusal('bad_parameter', { parameter: 'options' })
  return [text.slice(0, at).replaceAll('-', '_'), text.slice(at + 1)]
}
