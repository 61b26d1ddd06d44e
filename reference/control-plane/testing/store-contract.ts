/** What every store promises, to be tried on each kind. */
import { expect, test } from 'vitest'
import type { NewEvent } from '../clusters/record.ts'
import { StoreError, type Store } from '../store/store.ts'
import { makeRecord } from './records.ts'

const event = (message: string): NewEvent => ({ kind: 'state.changed', message })

/** `open` gives another store on the same clusters each time, `fresh` begins with none. */
export function storeContract(kind: Store['kind'], fresh: () => Promise<{ open(): Promise<Store> }>): void {
  const withStore = async (act: (store: Store, open: () => Promise<Store>) => Promise<void>) => {
    const { open } = await fresh()
    await using store = await open()
    expect(await store.lead()).toBe(true)
    await act(store, open)
  }

  test(`${kind}: what was written is there, in another life too`, () =>
    withStore(async (store, open) => {
      expect(store.kind).toBe(kind)
      const record = makeRecord('acme', { message: 'a "quoted" \u{1f9ff} message' })
      expect(await store.create(record, [event('one')])).toBe(true)
      expect(await store.create(record, [event('two')])).toBe(false)
      await using other = await open()
      expect(await other.get('acme')).toEqual(record)
      expect(await other.get('nobody')).toBeNull()
      expect((await other.events({ after: 0, limit: 9 })).map(({ message }) => message)).toEqual(['one'])
    }))

  test(`${kind}: who read an old revision changes nothing, and nothing of it is written`, () =>
    withStore(async (store) => {
      const record = makeRecord('acme')
      await store.create(record, [])
      const second = await store.replace({ ...record, message: 'second' }, [event('second')])
      expect(second).toMatchObject({ revision: 2, message: 'second' })
      expect(await store.replace({ ...record, message: 'stale' }, [event('stale')])).toBeNull()
      expect(await store.remove(record, [event('stale')])).toBe(false)
      expect(await store.get('acme')).toEqual(second)
      expect(await store.remove(second!, [event('removed')])).toBe(true)
      expect(await store.replace(second!, [event('stale')])).toBeNull()
      expect((await store.events({ cluster: 'acme', after: 0, limit: 9 })).map(({ message }) => message)).toEqual(['second', 'removed'])
    }))

  test(`${kind}: of many who change one revision at once one succeeds`, () =>
    withStore(async (store) => {
      const record = makeRecord('acme')
      await store.create(record, [])
      const tries = await Promise.all(Array.from({ length: 20 }, (_, i) => store.replace({ ...record, message: `${i}` }, [event(`${i}`)])))
      expect(tries.filter((tried) => tried !== null)).toHaveLength(1)
      expect(await store.events({ after: 0, limit: 99 })).toHaveLength(1)
    }))

  test(`${kind}: lists go page by page, in the order of names; events from a number on`, () =>
    withStore(async (store) => {
      for (const id of ['b', 'a-b', 'c', 'a', 'a1']) await store.create(makeRecord(id), [event(id)])
      const first = await store.list('', 2)
      const rest = await store.list(first.at(-1)!.id, 9)
      expect([...first, ...rest].map(({ id }) => id)).toEqual(['a', 'a-b', 'a1', 'b', 'c'])
      const events = await store.events({ after: 0, limit: 9 })
      expect(events.map(({ cluster_id }) => cluster_id)).toEqual(['b', 'a-b', 'c', 'a', 'a1'])
      expect(await store.lastEventId()).toBe(events.at(-1)!.id)
      expect(await store.events({ after: events[2]!.id, limit: 1 })).toEqual([events[3]])
      expect(await store.events({ cluster: 'c', after: 0, limit: 9 })).toEqual([events[2]])
      await store.prune(2)
      expect((await store.events({ after: 0, limit: 9 })).map(({ cluster_id }) => cluster_id)).toEqual(['a', 'a1'])
    }))

  test(`${kind}: of two on one store one leads; the other reads, changes nothing, and takes over when the first is gone`, () =>
    withStore(async (first, open) => {
      await using second = await open()
      expect(await second.lead()).toBe(false)
      await first.create(makeRecord('acme'), [])
      expect(await second.get('acme')).not.toBeNull()
      await expect(second.create(makeRecord('other'), [])).rejects.toThrow(StoreError)
      await expect(second.replace(makeRecord('acme'), [])).rejects.toMatchObject({ fault: 'not_leading' })
      expect(await first.lead()).toBe(true)
      await first[Symbol.asyncDispose]()
      await expect.poll(() => second.lead(), { timeout: 10_000 }).toBe(true)
      expect(await second.create(makeRecord('other'), [])).toBe(true)
    }))
}
