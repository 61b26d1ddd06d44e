import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Recent } from './recent.ts'

test('never more than the capacity, and what it knows is what was set last', () => {
  const step = fc.record({ key: fc.integer({ min: 0, max: 40 }), act: fc.constantFrom('get', 'set', 'delete') })
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 20 }), fc.array(step, { maxLength: 300 }), (capacity, steps) => {
      const [recent, model] = [new Recent<number>(capacity), new Map<string, number>()]
      for (const [at, { key, act }] of steps.entries()) {
        const name = String(key)
        if (act === 'set') (recent.set(name, at), model.set(name, at))
        else if (act === 'delete') (recent.delete(name), model.delete(name))
        else expect([undefined, model.get(name)]).toContain(recent.get(name))
        expect(recent.size).toBeLessThanOrEqual(capacity)
      }
    }),
  )
})

test('as long as there are few keys, it forgets none', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 })), (keys) => {
      const [recent, model] = [new Recent<number>(20), new Map<number, number>()]
      for (const key of keys) {
        expect(recent.get(String(key))).toBe(model.get(key))
        recent.set(String(key), (model.get(key) ?? 0) + 1)
        model.set(key, (model.get(key) ?? 0) + 1)
      }
    }),
  )
})

test('made smaller, it holds no more than that, and a key set afterwards', () => {
  const recent = new Recent<number>(100)
  for (let key = 0; key < 80; key++) recent.set(String(key), key)
  recent.resize(20)
  expect(recent.size).toBeLessThanOrEqual(20)
  for (let key = 0; key < 80; key++) recent.set(String(key), key)
  expect(recent.size).toBeLessThanOrEqual(20)
  expect(recent.get('79')).toBe(79)
})

test('a key in use outlives a flood of others', () => {
  const recent = new Recent<string>(100)
  recent.set('busy', 'here')
  for (let stranger = 0; stranger < 10_000; stranger++) {
    recent.set(`stranger-${stranger}`, 'x')
    if (stranger % 40 === 0) expect(recent.get('busy')).toBe('here')
  }
  expect(recent.get('stranger-1')).toBeUndefined()
})
