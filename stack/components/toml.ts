/** Writes the little TOML that PgDog's files need: tables of texts, numbers, truths and lists. */

export type TomlValue = string | number | boolean | readonly TomlValue[]

export type TomlRow = Readonly<Record<string, TomlValue>>

/** `[name]` and its keys. */
export function tomlTable(name: string, values: TomlRow): string {
  return `[${name}]\n${lines(values)}`
}

/** One `[[name]]` per row. */
export function tomlTables(name: string, rows: readonly TomlRow[]): string {
  return rows.map((row) => `[[${name}]]\n${lines(row)}`).join('\n')
}

function lines(values: TomlRow): string {
  return Object.entries(values)
    .map(([key, value]) => `${/^[\w-]+$/.test(key) ? key : quote(key)} = ${text(value)}\n`)
    .join('')
}

/** A placeholder for a port stands bare: a number will take its place. */
function text(value: TomlValue): string {
  if (typeof value === 'string') return /^\{port:[a-z]+\}$/.test(value) ? value : quote(value)
  return Array.isArray(value) ? `[${value.map(text).join(', ')}]` : String(value as number | boolean)
}

/** JSON's escapes are TOML's, but for one character that JSON leaves bare. */
function quote(value: string): string {
  return JSON.stringify(value).replaceAll('\u007f', '\\u007f')
}
