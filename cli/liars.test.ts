import { expect, test } from 'vitest'
import { clausesOf, misnamedClauses, readLiars, sampleOf, toothlessClauses, type Liar } from './liars.ts'
import { specification } from './project.ts'

const spec = specification()
const liars = await readLiars()

test('every clause of every live entry has a liar, and liars name nothing else', () => {
  expect(toothlessClauses(spec, liars)).toEqual([])
  expect(misnamedClauses(spec, liars)).toEqual([])
})

test('a clause that loses its liar is toothless; a name that nobody knows is told', () => {
  const [first, ...rest] = liars
  const alone = clausesOf(first!).filter(({ id, clause }) => !rest.flatMap(clausesOf).some((one) => one.id === id && one.clause === clause))
  expect(toothlessClauses(spec, rest).toSorted()).toEqual(alone.map(({ id, clause }) => `${id} ${clause}`).toSorted())
  const wrong = { name: 'x', part: 'gateway', why: '', refutes: { 'JWT-001': ['nothing'], 'OROCHI-001': ['any'] } } as unknown as Liar
  expect(misnamedClauses(spec, [wrong])).toEqual([
    'x names JWT-001 nothing, which is no clause of it',
    'x names OROCHI-001, which is no live entry',
  ])
})

test('the seed alone decides a sample', () => {
  const names = (seed: string) => sampleOf(liars, 3, seed).map(({ name }) => name)
  expect(names('1')).toEqual(names('1'))
  expect(new Set(['1', '2', '3', '4'].map((seed) => names(seed).join())).size).toBeGreaterThan(1)
  expect(sampleOf(liars, 1000, '1')).toHaveLength(liars.length)
})
