import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadSpec } from '../spec/load.ts'
import { choose, type Wish } from './selection.ts'
import { refuseSwallowed } from './swallowed.ts'
import { matchesTags } from './tag-expression.ts'
import { readTopology } from './topology-option.ts'

const spec = loadSpec()
const anything: Wish = { families: [], ids: [], priority: null, tags: null }
const idsIn = (wish: Partial<Wish>) =>
  choose(spec, { ...anything, ...wish })
    .filter((choice) => choice.in)
    .map((choice) => choice.entry.id)

test('without a wish every live entry is in, and every other is out with its reason', () => {
  const choices = choose(spec, anything)
  expect(choices).toHaveLength(spec.entries.size)
  expect(choices.filter((choice) => choice.in).every((choice) => choice.entry.status === 'live')).toBe(true)
  expect(choices.filter((choice) => !choice.in).every((choice) => choice.why !== '')).toBe(true)
})

test('families in any case, ids in any case, priorities and more important ones', () => {
  expect(idsIn({ families: ['JWT'] }).every((id) => id.startsWith('JWT-'))).toBe(true)
  expect(idsIn({ ids: ['jwt-002'] })).toEqual(['JWT-002'])
  expect(idsIn({ priority: 'p0' }).every((id) => spec.entries.get(id)?.priority === 'P0')).toBe(true)
  expect(idsIn({ priority: 'p1' }).length).toBeGreaterThan(idsIn({ priority: 'p0' }).length)
})

test('what is selected by id or family but planned is an error, not an empty success', () => {
  expect(() => idsIn({ ids: ['OROCHI-001'] })).toThrow(/nothing is selected: .*planned/)
  expect(() => idsIn({ families: ['nope'] })).toThrow(/no family "nope"/)
})

test.each([
  ['suite/jwt', true],
  ['suite/conn', false],
  ['suite/jwt and prio/p0', true],
  ['suite/jwt && !prio/p0', false],
  ['suite/conn or id/JWT-*', true],
  ['not (suite/conn or prio/p1)', true],
])('the tag expression %s is %s', (expression, expected) => {
  expect(matchesTags(expression, ['suite/jwt', 'prio/p0', 'id/JWT-001'])).toBe(expected)
})

test('a tag expression is read or refused with a sentence, never anything else', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('and', 'or', 'not', '(', ')', 'suite/jwt', 'x*'), { maxLength: 8 }), (words) => {
      try {
        expect(typeof matchesTags(words.join(' '), ['suite/jwt'])).toBe('boolean')
      } catch (error) {
        expect((error as Error).message).toContain('cannot be read')
      }
    }),
  )
})

test('a topology comes from pairs; what is unknown is refused with the nearest name', () => {
  expect(readTopology('shards=2,pooler.poolSize=10,links=direct')).toEqual({ shards: 2, pooler: { poolSize: 10 }, links: 'direct' })
  expect(() => readTopology('pooler.poolsize=1')).toThrow('did you mean pooler.poolSize?')
  expect(() => readTopology('shards')).toThrow('write it like')
  expect(() => readTopology('nowhere.yaml')).toThrow('cannot be read')
})

test('options that npm kept are answered with the right spelling', () => {
  expect(() => refuseSwallowed({ npm_lifecycle_event: 'suite', npm_config_id: 'JWT-002', npm_config_json: 'true' })).toThrow(
    'npm run suite -- --id JWT-002 --json',
  )
  expect(() => refuseSwallowed({ npm_config_id: 'JWT-002' })).not.toThrow()
  expect(() => refuseSwallowed({ npm_lifecycle_event: 'suite' })).not.toThrow()
})
