/** Asks a server for its catalogue: columns, views over sharded tables, children of tables, kinds of functions. */
import type { ServerConnection } from '../server/connection.ts'
import { literal } from '../sql/literal.ts'
import { unsupported } from '../refused.ts'
import type { Catalogue, KnownColumn, ShardedTable } from './tables.ts'

const userTables = `n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'`

const columnsSql = `
  SELECT c.relname, a.attname,
    coalesce(a.attidentity <> '' OR pg_catalog.pg_get_expr(d.adbin, d.adrelid) ~ '[(]|CURRENT|LOCALTIME', false),
    a.attcollation <> t.typcollation, a.attgenerated <> ''
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum AND a.attgenerated = ''
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND ${userTables}
  ORDER BY c.oid, a.attnum`

/** A view stands on what its rule reads, and on what the views it reads stand on. */
const viewsSql = (names: string): string => `
  WITH RECURSIVE stands(oid) AS (
    SELECT c.oid FROM pg_catalog.pg_class c WHERE c.relname = ANY (${names})
    UNION
    SELECT r.ev_class FROM stands s
    JOIN pg_catalog.pg_depend d ON d.refobjid = s.oid AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
  ) SELECT DISTINCT c.relname FROM stands JOIN pg_catalog.pg_class c USING (oid) WHERE c.relkind IN ('v', 'm')`

const childrenSql = (names: string): string => `
  WITH RECURSIVE below(oid, top) AS (
    SELECT c.oid, c.relname FROM pg_catalog.pg_class c WHERE c.relname = ANY (${names})
    UNION SELECT i.inhrelid, b.top FROM below b JOIN pg_catalog.pg_inherits i ON i.inhparent = b.oid
  ) SELECT c.relname, b.top FROM below b JOIN pg_catalog.pg_class c USING (oid) WHERE c.relname <> b.top AND c.relkind IN ('r', 'p')`

const aggregatesSql = `SELECT DISTINCT proname FROM pg_catalog.pg_proc WHERE prokind IN ('a', 'w')`
/** Thousands of names, a line each, in one row. */
const steadySql = `
  SELECT pg_catalog.string_agg(proname, E'\\n') FROM (
    SELECT proname FROM pg_catalog.pg_proc GROUP BY proname HAVING pg_catalog.bool_and(provolatile <> 'v' OR prokind <> 'f')
  ) AS steady`

/** Throws a Refused when the server does not tell. */
export async function readCatalogue(
  connection: ServerConnection,
  sharded: readonly ShardedTable[],
  deadlineMs: number,
): Promise<Catalogue> {
  const names = `ARRAY[${['', ...sharded.map(({ name }) => name.split('.').at(-1) ?? name)].map(literal).join(', ')}]::pg_catalog.text[]`
  const asked = [columnsSql, viewsSql(names), childrenSql(names), aggregatesSql, steadySql]
  const ran = await connection.run(asked, deadlineMs)
  const failed = ran.find(({ error }) => error)?.error
  if (failed) throw unsupported(`the catalogue of the server cannot be read: ${failed.get('M') ?? ''}`)
  const [columns, views, children, aggregates, steadies] = ran.map(({ rows }) => rows)
  const firsts = (rows: typeof columns): Set<string> => new Set((rows ?? []).map(([name]) => name ?? ''))
  const steady = new Set(steadies?.[0]?.[0]?.split('\n'))
  return {
    columns: columnsByTable(columns ?? []),
    views: firsts(views),
    children: new Map((children ?? []).map(([child, top]) => [child ?? '', top ?? ''])),
    aggregates: firsts(aggregates),
    isVolatile: (name) => !steady.has(name),
    oneCollation: !(columns ?? []).some((row) => row[3] === 't'),
  }
}

function columnsByTable(rows: readonly (readonly (string | null)[])[]): Map<string, KnownColumn[]> {
  const tables = new Map<string, KnownColumn[]>()
  for (const [table, name, unstable, , generated] of rows) {
    const columns = tables.get(table ?? '') ?? []
    columns.push({ name: name ?? '', unstableDefault: unstable === 't', generated: generated === 't' })
    tables.set(table ?? '', columns)
  }
  return tables
}
