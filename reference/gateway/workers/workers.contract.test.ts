import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { encodeFrontend } from '../../wire/index.ts'
import { makeToken, otherKey } from '../testing/issuer.ts'
import { runGateway, type Running } from '../testing/running.ts'
import { logInOver, openSecure, type Client } from '../testing/stage.ts'

const query = encodeFrontend({ kind: 'query', text: 'select 1' })

const workers = (balance: 'primary' | 'kernel', count = 2) => ({ workers: { count, balance } })

async function logIn({ port }: Running, token: string): Promise<Client> {
  return await logInOver(await openSecure(port), token)
}

async function metric({ operations }: Running, name: string): Promise<number> {
  const text = await (await fetch(`${operations}/metrics`)).text()
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length) ?? Number.NaN,
  )
}

async function workerPids(running: Running): Promise<number[]> {
  const lines = await Promise.all([0, 1].map((worker) => running.line({ event: 'started', worker })))
  return lines.map(({ pid }) => pid as number)
}

test.each(['primary', 'kernel'] as const)(
  'clients are spread by the %s over workers whose figures are summed up; one that dies is replaced, and nothing counted is lost',
  async (balance) => {
    await using running = await runGateway((config) => ({ ...config, ...workers(balance) }))
    const token = await makeToken()
    for (let n = 0; n < 12; n++) await (await logIn(running, token)).until('ready-for-query')
    expect(await metric(running, 'orochi_gateway_sessions_active')).toBe(12)
    expect(await metric(running, 'orochi_gateway_logins_total{outcome="accepted",reason="none"}')).toBe(12)
    const spread = [0, 1].map((worker) => running.lines.filter((line) => line['event'] === 'login' && line['worker'] === worker).length)
    expect(spread.reduce((sum, each) => sum + each)).toBe(12)
    // The kernel's choice is chance; the primary's is turns, but for a worker that is slow to take one.
    if (balance === 'primary') expect(Math.min(...spread)).toBeGreaterThanOrEqual(3)
    const [first = 0] = await workerPids(running)
    process.kill(first, 'SIGKILL')
    expect(await running.line({ event: 'worker', outcome: 'died' })).toMatchObject({
      level: 'error',
      worker: 0,
      how: 'SIGKILL',
      pid: first,
    })
    await running.line({ event: 'worker', outcome: 'up', worker: 0 }, 2)
    const after = await Promise.all(Array.from({ length: 4 }, () => logIn(running, token)))
    for (const client of after) await client.until('ready-for-query')
    expect(await metric(running, 'orochi_gateway_logins_total{outcome="accepted",reason="none"}')).toBe(16)
    expect(await metric(running, 'orochi_gateway_worker_deaths_total')).toBe(1)
    expect(await metric(running, 'orochi_gateway_workers')).toBe(2)
  },
)

test('SIGHUP reaches every worker; a file that is not good reaches none', async () => {
  await using running = await runGateway((config) => ({ ...config, ...workers('primary') }))
  const token = await makeToken()
  const good = readFileSync(running.file, 'utf8')
  writeFileSync(running.file, `${good}\nlimit: {}\n`)
  running.signal('SIGHUP')
  const refused = await running.line({ event: 'reload', outcome: 'refused' })
  expect(refused['problem']).toMatch(/gateway\.yaml:\d+: limit: this key is not known; did you mean limits\?$/)
  for (let n = 0; n < 4; n++) await (await logIn(running, token)).until('ready-for-query')
  const config = parse(good) as { issuers: { keys: { publicKey: string }[] }[] }
  writeFileSync(config.issuers[0]!.keys[0]!.publicKey, otherKey.publicPem)
  writeFileSync(running.file, stringify(config))
  running.signal('SIGHUP')
  await running.line({ event: 'reload', outcome: 'applied', worker: undefined })
  for (let n = 0; n < 4; n++) expect(await (await logIn(running, token)).refusal()).toBe('28000')
  expect(await metric(running, 'orochi_gateway_config_reloads_total{outcome="applied"}')).toBe(1)
  expect(await metric(running, 'orochi_gateway_config_reloads_total{outcome="refused"}')).toBe(1)
})

test('SIGTERM: not ready first, nobody taken in, sessions go on; the second one cuts them off', async () => {
  await using running = await runGateway((config) => ({ ...config, ...workers('primary'), limits: { drainTimeoutMs: 60_000 } }))
  const client = await logIn(running, await makeToken())
  await client.until('ready-for-query')
  running.signal('SIGTERM')
  await running.line({ event: 'draining', worker: 0 })
  await running.line({ event: 'draining', worker: 1 })
  expect((await fetch(`${running.operations}/ready`)).status).toBe(503)
  expect((await fetch(`${running.operations}/health`)).status).toBe(200)
  await expect(openSecure(running.port)).rejects.toThrow()
  client.stream.write(query)
  expect(await client.bytes(query.length)).toEqual(query)
  running.signal('SIGTERM')
  expect(await client.until('closed')).toEqual([])
  expect(await running.ended).toBe(0)
})

test('when the supervisor is killed nothing of it is left', async () => {
  await using running = await runGateway((config) => ({ ...config, ...workers('kernel') }))
  const pids = await workerPids(running)
  const client = await logIn(running, await makeToken())
  await client.until('ready-for-query')
  running.signal('SIGKILL')
  await client.until('closed')
  await expect.poll(() => pids.filter(isAlive), { timeout: 10_000 }).toEqual([])
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
