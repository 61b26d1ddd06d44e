import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { makeToken, otherKey } from '../testing/issuer.ts'
import { runGateway, type Running } from '../testing/running.ts'
import { logInOver, openSecure, type Client } from '../testing/stage.ts'

/** 'in', the SQLSTATE of the refusal, or 'dropped'. */
async function knock({ port }: Running, token: string): Promise<{ readonly fate: string; readonly client: Client | null }> {
  const client = await openSecure(port).catch(() => null)
  if (client === null) return { fate: 'dropped', client }
  await logInOver(client, token)
  const answer = await client.until('ready-for-query')
  return { fate: answer.at(-1)?.kind === 'ready-for-query' ? 'in' : await client.refusal(), client }
}

async function fatesOf(running: Running, token: string, count: number): Promise<string[]> {
  const fates = []
  for (let n = 0; n < count; n++) fates.push((await knock(running, token)).fate)
  return fates
}

async function metric({ operations }: Running, name: string): Promise<string | undefined> {
  const text = await (await fetch(`${operations}/metrics`)).text()
  return text.split('\n').find((line) => line.startsWith(`${name} `))
}

const perAddress = { exempt: [], connects: { count: 4, windowMs: 60_000 }, failures: { count: 100, windowMs: 60_000, blockMs: 60_000 } }

test('limits hold for all workers together; the places of one that dies are free, and those of the others are not', async () => {
  await using running = await runGateway((config) => ({
    ...config,
    workers: { count: 2, balance: 'primary' },
    limits: { ...config.limits, perTenant: { connections: 3 } },
  }))
  const token = await makeToken()
  expect(await fatesOf(running, token, 5)).toEqual(['in', 'in', 'in', '53300', '53300'])
  expect(await metric(running, 'orochi_gateway_clients')).toBe('orochi_gateway_clients 3')
  expect(await metric(running, 'orochi_gateway_limited_total{reason="too_many_for_tenant"}')).toMatch(/ 2$/)
  const sessions = running.lines.filter((line) => line['event'] === 'login' && line['outcome'] === 'accepted')
  const dying = sessions[0]!
  const died = sessions.filter(({ worker }) => worker === dying['worker']).length
  process.kill(dying['pid'] as number, 'SIGKILL')
  await running.line({ event: 'worker', outcome: 'died' })
  await running.line({ event: 'worker', outcome: 'up', worker: dying['worker'] }, 2)
  const after = await fatesOf(running, token, 4)
  expect(after.filter((fate) => fate === 'in')).toHaveLength(died)
  expect(after.slice(died).every((fate) => fate === '53300')).toBe(true)
})

test.each(['primary', 'kernel'] as const)(
  'connects of an address over all workers, dealt out by the %s; a reload forgets nothing',
  async (balance) => {
    await using running = await runGateway((config) => ({
      ...config,
      workers: { count: 2, balance },
      limits: { ...config.limits, perAddress },
    }))
    const token = await makeToken()
    expect(await fatesOf(running, token, 3)).toEqual(['in', 'in', 'in'])
    running.signal('SIGHUP')
    await running.line({ event: 'reload', outcome: 'applied', worker: undefined })
    expect(await fatesOf(running, token, 6)).toEqual(['in', '53300', '53300', '53300', '53300', 'dropped'])
  },
)

test('an address that failed at one worker is shut out at each', async () => {
  await using running = await runGateway((config) => ({
    ...config,
    workers: { count: 2, balance: 'primary' },
    limits: { ...config.limits, perAddress: { exempt: [], failures: { ...perAddress.failures, count: 3 } } },
  }))
  const [good, bad] = [await makeToken(), await makeToken({ signedBy: otherKey })]
  expect(await fatesOf(running, bad, 3)).toEqual(['28000', '28000', '28000'])
  // The third failure is on its way to where it is counted.
  const end = performance.now() + 10_000
  while ((await metric(running, 'orochi_gateway_addresses_blocked_total'))?.endsWith(' 1') !== true && performance.now() < end)
    await sleep(20)
  expect(await fatesOf(running, good, 4)).toEqual(['28000', '28000', '28000', '28000'])
  expect(running.lines.filter(({ event }) => event === 'blocked')).toHaveLength(1)
})
