/** The part of a case that changes rows, made by chance. */
import { amountOf, condition, countries, groups, key, type Chance } from './chance.ts'
import { value, type Other, type Piece } from './query.ts'

export function write(chance: Chance): Other {
  return chance.one([insert, insert, insertLine, update, update, remove])(chance)
}

const itemRow = (chance: Chance): Piece => ['(', key(chance), ', ', value(chance.one(groups), 'text'), ', ', value(amountOf(chance)), ')']

function insert(chance: Chance): Other {
  const count = chance.percent(60) ? 1 : 2 + chance.int(4)
  const end = chance.one([
    '',
    '',
    ' on conflict (item_id) do nothing',
    ' on conflict (item_id) do update set amount = 99',
    ' returning item_id, grp',
    ' on conflict (item_id) do nothing returning item_id',
  ])
  return {
    kind: 'insert',
    text: ['insert into items (item_id, grp, amount) values '],
    rows: Array.from({ length: count }, () => itemRow(chance)),
    end: [end],
  }
}

function insertLine(chance: Chance): Other {
  const row = (): Piece => [
    '(',
    value(chance.int(9), 'int4'),
    ', ',
    value(chance.one(countries), 'text'),
    ', ',
    key(chance),
    ', ',
    value(chance.int(9), 'int4'),
    ')',
  ]
  return {
    kind: 'insert',
    text: ['insert into item_lines (line, country, item_id, qty) values '],
    rows: [row()],
    end: [' on conflict do nothing'],
  }
}

function update(chance: Chance): Other {
  const set: Piece = chance.percent(6)
    ? ['item_id = ', key(chance)]
    : chance.one<Piece>([['amount = amount + 1'], ['grp = ', value(chance.one(groups), 'text')], ['amount = ', value(amountOf(chance))]])
  const returning = chance.percent(30) ? ' returning item_id, amount' : ''
  return changing('update', ['update items set ', ...set], condition(chance), returning)
}

function remove(chance: Chance): Other {
  return changing(
    'delete',
    ['delete from items'],
    condition(chance) ?? ['grp = ', value('ash', 'text')],
    chance.percent(30) ? ' returning item_id' : '',
  )
}

function changing(kind: 'update' | 'delete', text: Piece, where: Piece | null, end: string): Other {
  return { kind, text: [...text, ...(where === null ? [] : [' where ', ...where])], rows: [], end: [end] }
}
