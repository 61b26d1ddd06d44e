/** The hash of the pooler against the reference, type by type: rows are written, and where they lie is looked up. */
import { crc32 } from 'node:zlib'
import { expect } from 'vitest'
import { hashVectors, type HashVector } from '../../fixtures/orochi-hash.ts'
import { wish, wishEach } from '../kit.ts'
import { disagreements, landingsOf, manyShards } from './landing.ts'

/** The keys 1 to 1000 as int4, with their reference by CRC-32 of four bytes, the least significant first. */
const thousand: readonly HashVector[] = Array.from({ length: 1000 }, (_, index) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(index + 1)
  const hash = crc32(bytes)
  return { type: 'int4', key: String(index + 1), hash: hash | 0, shards: Array.from({ length: 31 }, (_, n) => hash % (n + 2)) }
})

wishEach(
  [4, 8, 16, 32].map((shards) => manyShards(shards, 'own')),
  (spec) => {
    spec('HASH-006', async (trial) => {
      const { shards } = trial.stack.topology
      const landings = await landingsOf(trial, thousand)
      await trial.prove('in-range', () => {
        for (const { vector, on } of landings) {
          expect(on, `the shards of ${vector.key}`).toHaveLength(1)
          expect(on[0]).toBeLessThan(shards)
        }
      })
      await trial.prove('equal', () => {
        expect(disagreements(landings, shards)).toEqual([])
      })
    })

    spec('SHARD-006', async (trial) => {
      const { shards } = trial.stack.topology
      const landings = await landingsOf(trial, hashVectors)
      const listed = disagreements(landings, shards)
      await trial.prove('agreement', () => {
        expect(listed).toEqual([])
      })
      trial.attach('disagreements.txt', listed.join('\n'))
      trial.measure(`agreeing of ${landings.length} on ${shards} shards`, landings.length - listed.length, 'vectors')
      await trial.prove('listed', () => {
        // Each vector is told about once, with where it lies: nothing is left out of the count.
        expect(landings.map(({ vector }) => `${vector.type} ${vector.key}`)).toEqual(hashVectors.map(({ type, key }) => `${type} ${key}`))
        const nowhere = landings.filter(({ on }) => on.length === 0).map(({ vector }) => vector)
        expect(nowhere, 'rows that are nowhere').toEqual([])
      })
    })
  },
)

const spec = wish(manyShards(32, 'own'))

const families = { 'HASH-001': 'int4', 'HASH-002': 'int8', 'HASH-003': 'text', 'HASH-004': 'uuid', 'HASH-005': 'int2' } as const

for (const id of Object.keys(families) as (keyof typeof families)[]) {
  const vectors = hashVectors.filter(({ type }) => type === families[id])
  spec(id, async (trial) => {
    const landings = await landingsOf(trial, vectors)
    await trial.prove('equal', () => {
      expect(disagreements(landings, 32)).toEqual([])
    })
  })
}

wish(manyShards(32, 'orochi'))('SHARD-101', async (trial) => {
  const landings = await landingsOf(trial, hashVectors)
  await trial.prove('placed', () => {
    expect(disagreements(landings, 32)).toEqual([])
  })
  await trial.prove('found', () => {
    expect(
      landings.filter(({ found }) => found !== 1).map(({ vector, found }) => `${vector.type} ${vector.key} found ${found} times`),
    ).toEqual([])
  })
})
