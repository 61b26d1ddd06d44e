import { expect, test } from 'vitest'
import type { Arena } from './arena.ts'
import { conductCampaign } from './campaign.ts'
import { readCorpus } from './corpus.ts'
import { openGatewayArena } from './gateway-arena.ts'
import { openRouterArena } from './router-arena.ts'
import type { Leg, Script } from './script.ts'
import { shrink } from './shrink.ts'
import { notorious } from './testing/scripts.ts'

const limits = { timeout: 120_000 }

/** Plays them side by side; each must leave the target alive and good clients served. */
async function withstands(arena: Arena, named: readonly (readonly [string, Script])[]): Promise<void> {
  await Promise.all(
    named.map(async ([name, script], slot) => {
      const { complaints } = await arena.tryOut(script, slot % arena.slots)
      expect([name, ...complaints]).toEqual([name])
    }),
  )
  expect(arena.alive(), arena.death()).toBe(true)
  expect(await arena.serveGood()).toBeNull()
  expect(arena.takeComplaints()).toEqual([])
}

const kept = readCorpus().map(({ file, script }) => [file, script] as const)

test('packets that brought others down, and every fault that was ever found, do nothing to the gateway', limits, async () => {
  await using arena = await openGatewayArena()
  const own = kept.filter(([, { leg }]) => leg !== 'router-client')
  const all = [...Object.entries(notorious), ...own]
  for (let at = 0; at < all.length; at += arena.slots) await withstands(arena, all.slice(at, at + arena.slots))
})

test('nor to the router', limits, async () => {
  await using arena = await openRouterArena()
  await withstands(arena, kept.filter(([, { leg }]) => leg === 'router-client')) // prettier-ignore
})

test.each<[string, string, Leg, RegExp]>([
  ['dies of a cancel request', 'fuzz/testing/gateway-dies-of-a-cancel-request.ts', 'gateway-client', /^it died: [^]*reading 'subject'/m],
  ['hands on any parameter', 'fuzz/testing/gateway-passes-on-anything.ts', 'gateway-client', /^the upstream got a (start-up|value)/m],
  ['writes tokens down', 'liars/gateway-writes-tokens-down.ts', 'gateway-client', /secret stands in the log|is no record/],
  ['waits for ever', 'liars/gateway-waits-for-ever.ts', 'gateway-client', /held past its deadline/],
  ['believes its upstream', 'fuzz/testing/gateway-believes-its-upstream.ts', 'gateway-backend', /^it died: [^]*RangeError/m],
])('a gateway that %s is found out', limits, async (_what, program, leg, wanted) => {
  await using arena = await openGatewayArena(program)
  const { findings } = await conductCampaign(arena, { leg, seed: 'teeth', ms: 40_000, mostFindings: 1 })
  expect(findings.map(({ complaint }) => complaint).join('\n')).toMatch(wanted)
})

test('a script that shows a fault is made smaller while it shows it', limits, async () => {
  await using arena = await openGatewayArena('fuzz/testing/gateway-dies-of-a-cancel-request.ts')
  const cancel = notorious['a cancel request in the clear']!
  const long: Script = { ...cancel, acts: [...cancel.acts, { act: 'hear' }, { act: 'pause', ms: 10 }] }
  const shrunk = await shrink(arena, long, "it died: of something (reading 'subject')")
  expect(shrunk).toMatchObject({ repeats: true, script: { acts: cancel.acts } })
  expect(shrunk.said.toString('hex')).toBe('0000001004d2162e0000000701020304')
})
