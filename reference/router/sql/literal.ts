/** Writes texts into SQL so that every server reads exactly them, whatever its client_encoding and quoting settings are at that moment. */

/** Plain ASCII as E'…'; anything else as the hex of its UTF-8 bytes, which the server turns into its own encoding. */
export function literal(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
  return `pg_catalog.convert_from(pg_catalog.decode('${Buffer.from(text, 'utf8').toString('hex')}', 'hex'), 'UTF8')`
}

/** A name in double quotes; `name` as Latin-1 bytes of any encoding. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
