/** A router that answers writes with errors, and reads past them. */
import { runRewritten } from './kit/rewritten.ts'
import type { Lie } from './kit/lie.ts'

export default {
  part: 'router',
  why: 'answers writes with errors, and reads past them',
  refutes: {
    'RW-002': ['no-error'],
    'RW-003': ['no-error', 'explained', 'functions'],
    'RW-004': ['no-error'],
    'RW-005': ['own-write'],
    'RW-006': ['fresh'],
    'RW-010': ['write-fails'],
  },
} satisfies Lie

if (import.meta.main) {
  await runRewritten(process.argv, [
    ['insert into items (item_id, grp) values ((', 'insert into itemz (item_id, grp) values (('],
    ['update items', 'update itemz'],
    ['delete from items', 'delete from itemz'],
    ['rw_tickets', 'rw_ticketz'],
    ['as n from items where item_id = $1', 'as n from items where item_id < $1'],
    ['select from items where item_id = $1', 'select from items where item_id > $1'],
    ['begin read only', 'begin'],
  ])
}
