/** Text that tries to become a statement wherever it is pasted unquoted, and the witness that shows whether it did. */
import type pg from 'pg'

/** The witness is a table that the pooled role may write: whoever runs as anybody can leave a mark there. */
export const witnessTable = 'public.hostile_witness'

const mark = `insert into ${witnessTable} values (1)`

/** By the quoting that each breaks out of. A NUL cannot stand in a Postgres text, so it is apart. */
export const hostileTexts: Readonly<Record<string, string>> = {
  'a quote': `user'; ${mark}; --`,
  'a quote, doubled': `user''; ${mark}; --`,
  'a backslash and a quote': `user\\'; ${mark}; --`,
  'a double quote': `user"; ${mark}; --`,
  'a dollar quote': `$$; ${mark}; $$ --`,
  'nothing to break out of': `1; ${mark}; --`,
  'a comment': `*/; ${mark}; /*`,
  'a new line': `user\n; ${mark}; --`,
  'a setting': `user' ; set application_name to 'hostile'; --`,
  'an option': '-c application_name=hostile -c work_mem=7MB',
  JSON: `","tenant_id":"tenant-b","x":"`,
  'DROP TABLE': `user'; DROP TABLE users; --`,
}

export interface Witness extends AsyncDisposable {
  /** Marks left so far. */
  marks(): Promise<number>
}

export async function callWitness(direct: pg.Client): Promise<Witness> {
  await direct.query(`drop table if exists ${witnessTable}, public.users; create table ${witnessTable} (mark int);
    grant insert on ${witnessTable} to public`)
  return {
    async marks() {
      const { rows } = await direct.query<{ marks: number }>(`select count(*)::int as marks from ${witnessTable}`)
      return rows[0]?.marks ?? -1
    },
    [Symbol.asyncDispose]: async () => void (await direct.query(`drop table ${witnessTable}`)),
  }
}
