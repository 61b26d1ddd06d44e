import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { configSchema, type GatewayConfig } from './config.ts'
import type { Document } from './fetch-document.ts'
import { makePull, readListFile } from './revocation-pull.ts'
import { makeToken } from './testing/issuer.ts'
import { raiseStage, type Stage } from './testing/stage.ts'

const listOf = (...revocations: readonly object[]) => JSON.stringify({ revocations })

/** A list that is kept as the test wants, under a clock that the test moves. */
function pulledAt() {
  const site = { text: listOf(), pulls: 0, down: false, tags: [] as (string | undefined)[] }
  const [clock, taken, faults] = [{ ms: 1_000_000 }, [] as number[], [] as string[]]
  const read = (tag: string | undefined): Promise<Document> => {
    site.pulls++
    site.tags.push(tag)
    if (site.down) return Promise.reject(new Error('down'))
    return Promise.resolve(tag === site.text ? { changed: false } : { changed: true, text: site.text, etag: site.text })
  }
  const pull = makePull({
    read,
    intervalMs: 30_000,
    maxStaleMs: 300_000,
    now: () => clock.ms,
    take: (list) => (list.length > 2 ? null : taken.push(list.length)),
    onPulled: (fault) => void (fault !== null && faults.push(fault)),
  })
  const next = async () => {
    const before = site.pulls
    clock.ms += 30_000
    while (site.pulls === before) await sleep(10)
    await sleep(0)
  }
  return { site, clock, taken, faults, pull, next, [Symbol.dispose]: () => pull[Symbol.dispose]() }
}

test('it is pulled again and again, and taken when it has changed', async () => {
  using at = pulledAt()
  await sleep(0)
  at.site.text = listOf({ jti: 'a' })
  await at.next()
  await at.next()
  expect([at.taken, at.site.tags]).toEqual([
    [0, 1],
    [undefined, listOf(), listOf({ jti: 'a' })],
  ])
})

test('what cannot be had, read or kept leaves the list as it is, until it is too old', async () => {
  using at = pulledAt()
  await sleep(0)
  at.site.down = true
  await at.next()
  at.site.down = false
  at.site.text = 'no list'
  await at.next()
  at.site.text = listOf({ jti: 'a' }, { jti: 'b' }, { jti: 'c' })
  await at.next()
  expect([at.faults, at.taken, at.pull.isStale, at.pull.ageMs]).toEqual([
    ['unreadable', 'no list of revocations', 'no room for so many'],
    [0],
    false,
    90_000,
  ])
  at.clock.ms += 210_001
  expect(at.pull.isStale).toBe(true)
})

test('a file is read when it is another, and only up to so many bytes', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'gateway-test-'))
  try {
    const file = join(dir, 'list.json')
    writeFileSync(file, listOf())
    const first = await readListFile(file, 100, undefined)
    expect(first).toMatchObject({ changed: true, text: listOf() })
    expect(await readListFile(file, 100, first.changed ? first.etag : '')).toEqual({ changed: false })
    await expect(readListFile(file, 5, undefined)).rejects.toThrow('too-large')
  } finally {
    rmSync(dir, { recursive: true })
  }
})

const pulling = (file: string, whenStale: string) => (config: GatewayConfig) =>
  configSchema.parse({ ...config, revocation: { pull: { file: join(config.tls!.cert, '..', file), intervalSeconds: 1, maxStaleSeconds: 60, whenStale } } }) // prettier-ignore

const ready = async (stage: Stage) => (await fetch(`http://127.0.0.1:${stage.gateway.operationsPort}/ready`)).status

test('the list ends sessions and refuses logins', async () => {
  await using stage = await raiseStage({
    change(config) {
      writeFileSync(join(config.tls!.cert, '..', 'list.json'), listOf())
      return pulling('list.json', 'closed')(config)
    },
  })
  while ((await ready(stage)) !== 200) await sleep(10)
  const client = await stage.logIn(await makeToken())
  await client.until('ready-for-query')
  writeFileSync(join(stage.config.tls!.cert, '..', 'list.json'), listOf({ sub: 'user-1' }))
  expect(await client.refusal()).toBe('57P01')
  expect(await (await stage.logIn(await makeToken())).refusal()).toBe('28000')
})

test.each([
  ['closed', '57P03'],
  ['open', 'ready-for-query'],
])('without a list the gateway is not ready; by the policy %s a login is answered %s', async (policy, answer) => {
  await using stage = await raiseStage({ change: pulling('nowhere.json', policy) })
  expect(await ready(stage)).toBe(503)
  const client = await stage.logIn(await makeToken())
  const last = (await client.until('ready-for-query')).at(-1)
  client.stream.destroy()
  expect(last?.kind === 'error-response' ? last.fields.get('C') : last?.kind).toBe(answer)
})
