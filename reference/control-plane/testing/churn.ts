/** A program that changes a store without end and says each change that was acknowledged: to be killed in its midst. */
import { openSqlite } from '../store/sqlite.ts'
import { writeSync } from 'node:fs'
import { makeRecord } from './records.ts'

const [path = ''] = process.argv.slice(2)
const store = openSqlite({ path })
if (!(await store.lead())) throw new Error('somebody else leads')
let record = await store.get('acme')
if (record === null) {
  record = makeRecord('acme')
  await store.create(record, [{ kind: 'cluster.created', message: '1' }])
}
for (;;) {
  const next = await store.replace({ ...record, message: 'x'.repeat(record.revision % 9000) }, [
    { kind: 'state.changed', message: `${record.revision + 1}` },
  ])
  if (next === null) throw new Error('somebody else wrote')
  record = next
  writeSync(1, `${record.revision}\n`)
}
