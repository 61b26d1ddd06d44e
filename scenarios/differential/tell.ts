/** A difference as a script that anybody can run. */
import type { Found } from './explore.ts'
import { keyIn, sample, tablesSql, translate } from './schema.ts'
import { render } from './query.ts'

const titles = {
  rows: 'other rows',
  tag: 'another count of rows',
  accepted: 'done by one and refused by the other',
  'refused-and-done': 'refused, and done all the same',
  state: 'other rows in the tables afterwards',
  misplaced: 'a row on a shard that is not its own',
  'left-open': 'a transaction stays open, or prepared, though its client is gone',
  lost: 'the connection was lost or the error has no SQLSTATE',
} as const

export function tell({ seed, what, difference }: Found): string {
  const { schema, items, lines, steps } = what
  const key = (id: string) => `'${keyIn(schema, id).replaceAll("'", "''")}'`
  const made = schema === sample ? [] : tablesSql(schema, null).split('\n').slice(0, 3)
  const rows = [
    ...items.map(
      ({ id, grp, amount, price }) =>
        `${translate('insert into items (item_id, grp, amount, price)', schema)} values (${key(id)}, '${grp.replaceAll("'", "''")}', ${amount}, ${price});`,
    ),
    ...lines.map(
      ({ id, line, country, qty }) =>
        `${translate('insert into item_lines (item_id, line, country, qty)', schema)} values (${key(id)}, ${line}, '${country}', ${qty});`,
    ),
  ]
  const said = steps.map((step, at) => {
    const { text, values, bound } = render(step, schema)
    const parameters =
      bound && values.length > 0 ? ` -- bound: ${JSON.stringify(values.map((one) => (typeof one === 'bigint' ? String(one) : one)))}` : ''
    return `${at === difference.step ? '>' : ' '} ${text};${parameters}`
  })
  return [
    `${titles[difference.what]} (case ${seed})`,
    ...made.map((line) => `  ${line.trim()}`),
    ...(rows.length > 0 ? ['  -- each row laid on its own shard', ...rows.map((row) => `  ${row}`)] : []),
    ...said,
    `  expected  ${difference.expected.replaceAll('\n', ' / ') || '(nothing)'}`,
    `  seen      ${difference.seen.replaceAll('\n', ' / ') || '(nothing)'}`,
  ].join('\n')
}
