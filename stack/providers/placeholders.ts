/** Fills the placeholders of a Launch's texts: `{dir}`, `{host}`, `{port:NAME}`, `{file:NAME}`. */
import { HarnessError } from '../harness-error.ts'
import type { Text } from '../launch.ts'

export interface Values {
  readonly dir: string
  readonly host: string
  readonly ports: Readonly<Record<string, number>>
  /** File name → path. */
  readonly files: Readonly<Record<string, string>>
}

/** The text with every placeholder filled; one that has no value is a mistake in a component. */
export function fill(text: Text, values: Values): string {
  return text.replaceAll(/\{(dir|host|port:([a-z-]+)|file:([A-Za-z0-9._-]+))\}/g, (whole, name: string, port?: string, file?: string) => {
    const value = port === undefined ? (file === undefined ? values[name as 'dir' | 'host'] : values.files[file]) : values.ports[port]
    if (value === undefined) throw new HarnessError('bad-topology', `nothing fills the placeholder ${whole}`)
    return String(value)
  })
}
