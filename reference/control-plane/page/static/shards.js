/** How queries lie over the shards: as bars, and in numbers beside them. */
import { h, whole } from './dom.js'

export function makeShards() {
  const element = h('div', {}, h('p', { class: 'empty' }, 'No numbers yet.'))

  function show(distribution) {
    const rows = Object.entries(distribution).toSorted(([a], [b]) => Number(a) - Number(b))
    const all = rows.reduce((sum, [, count]) => sum + count, 0)
    if (rows.length === 0) return element.replaceChildren(h('p', { class: 'empty' }, 'No shard has served a query.'))
    const skew = all === 0 ? null : (Math.max(...rows.map(([, count]) => count)) * rows.length) / all
    const text = skew === null ? 'No queries yet.' : `The busiest shard has ${skew.toFixed(2)} times the mean.`
    element.replaceChildren(
      h('p', { class: 'hint' }, text),
      h('ol', { class: 'shards' }, ...rows.map(([shard, count]) => rowOf(shard, count, all))),
    )
  }

  return { element, show }
}

function rowOf(shard, count, all) {
  const share = all === 0 ? 0 : (100 * count) / all
  const meter = h('meter', { min: '0', max: '100', value: share.toFixed(1), 'aria-label': `Share of shard ${shard}` })
  return h(
    'li',
    {},
    h('span', { class: 'name' }, `shard ${shard}`),
    meter,
    h('span', { class: 'number' }, `${share.toFixed(1)} %`),
    h('span', { class: 'number hint' }, whole.format(count)),
  )
}
