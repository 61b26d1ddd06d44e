/** Bodies that come to each verdict on purpose. */
import { expect } from 'vitest'
import { wish, type Spec } from '../../../suites/kit.ts'

/** The clauses are those of the tiny catalogue, which the generated types do not know. */
const spec = wish({}) as unknown as (
  id: string,
  body: (trial: { prove(clause: string, assertions: () => unknown): Promise<boolean> }) => Promise<void>,
) => ReturnType<Spec>

spec('JWT-001', async ({ prove }) => {
  await prove('first', () => expect(1).toBe(1))
  await prove('second', () => expect(2).toBe(2))
})

spec('JWT-002', async ({ prove }) => {
  await prove('first', () => expect(1).toBe(1))
  await prove('second', () => expect(2, 'two is three').toBe(3))
})

spec('JWT-003', async ({ prove }) => {
  await prove('first', () => expect(1).toBe(1))
  throw new TypeError('the body broke')
})

spec('JWT-004', async ({ prove }) => {
  await prove('first', () => expect(1).toBe(1))
  await prove('second', () => expect(2).toBe(2))
})

spec('JWT-006', async ({ prove }) => {
  await prove('first', () => expect(1).toBe(1))
})
