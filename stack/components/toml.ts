/** Writes the little TOML that PgDog's files need: tables of texts, numbers, truths and lists. */

export type TomlValue = string | number | boolean | readonly TomlValue[]

/** `[name]` and its keys. */
export function tomlTable(name: string, values: Readonly<Record<string, unknown>>): string {
  return `[${name}]\n${lines(values)}`
}

/** One `[[name]]` per row. */
export function tomlTables(name: string, rows: readonly Readonly<Record<string, unknown>>[]): string {
  return rows.map((row) => `[[${name}]]\n${lines(row)}`).join('\n')
}

function lines(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key} = ${text(value as TomlValue)}\n`)
    .join('')
}

/** A placeholder for a port stands bare: a number will take its place. */
function text(value: TomlValue): string {
  if (typeof value === 'string') return /^\{port:[a-z]+\}$/.test(value) ? value : JSON.stringify(value)
  return Array.isArray(value) ? `[${value.map(text).join(', ')}]` : String(value)
}
