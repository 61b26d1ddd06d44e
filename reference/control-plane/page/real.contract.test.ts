/** The page, and the command `orochi`, before the service itself. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { adminToken, raise, type Raised } from '../testing/raise.ts'
import { makeTelling, tellingPooler } from '../testing/telling.ts'
import { chromiumPath, startBrowser } from './testing/browser.ts'

async function raiseTelling(): Promise<Raised> {
  const plane = await raise({ pieces: { fetchMetrics: makeTelling().fetchMetrics } })
  plane.platform.endpointsOf = [tellingPooler]
  await plane.create('acme')
  return plane
}

async function orochi({ base }: Raised, token: string, ...words: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent', OROCHI_URL: base, OROCHI_TOKEN: token }
  const program = join(import.meta.dirname, '..', '..', 'orochi', 'bin.mjs')
  return await new Promise((resolve) => {
    execFile(process.execPath, [program, ...words], { env }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err }),
    )
  })
}

test('every verb of the command does what it says', async () => {
  await using plane = await raiseTelling()
  const token = await adminToken()
  const run = (...words: readonly string[]) => orochi(plane, token, 'cluster', ...words)
  expect((await run('list')).out).toMatch(/^acme +active +yes/m)
  expect(JSON.parse((await run('pooler', 'status', 'acme', '--json')).out)).toMatchObject({ etag: '"1"', max_connections: 100 })
  expect(await run('pooler', 'configure', 'acme', '--max-connections', '40', '--dry-run')).toMatchObject({ code: 0 })
  expect((await run('pooler', 'configure', 'acme', '--max-connections', '40')).out).toMatch(/^max_connections +100 +40$/m)
  expect(await run('pooler', 'configure', 'acme', '--mode', 'session', '--if-match', '"1"')).toMatchObject({ code: 6 })
  const impossible = await run('pooler', 'configure', 'acme', '--default-shard-count', '4')
  expect(impossible).toMatchObject({ code: 1, err: expect.stringContaining('sharding_enabled') as string })
  const samples = (await run('pooler', 'stats', 'acme', '--watch', '--count', '2', '--interval', '0.1', '--json')).out.trim().split('\n')
  expect(samples.map((line) => (JSON.parse(line) as { active_connections: number }).active_connections)).toEqual([4, 4])
  expect((await run('pooler', 'reload', 'acme')).out).toMatch(/^pooler-0 +on/m)
  expect((await run('suspend', 'acme', '--wait')).out).toBe('acme is suspended\n')
  expect(await run('pooler', 'stats', 'acme')).toMatchObject({ code: 1 })
  expect((await run('wake', 'acme', '--wait')).out).toBe('acme is active and ready\n')
  expect(await run('wake', 'nobody')).toMatchObject({ code: 3 })
  expect(await orochi(plane, 'no.good.token', 'cluster', 'list')).toMatchObject({ code: 4 })
})

test.skipIf(chromiumPath === null)('the page sees a cluster sleep and wake, live', async () => {
  await using plane = await raiseTelling()
  const browser = await startBrowser()
  await using _closing = { [Symbol.asyncDispose]: () => browser.close() }
  const page = await browser.newPage()
  page.setDefaultTimeout(20_000)
  await page.goto(`${plane.base}/#/clusters/acme`)
  await page.getByLabel('Token').fill(await adminToken())
  await page.keyboard.press('Enter')
  await page.getByRole('img', { name: /Connections: active 4, idle 6/ }).waitFor()
  const suspend = page.getByRole('button', { name: 'Suspend' })
  await expect.poll(() => suspend.getAttribute('aria-disabled')).toBe('false')
  await suspend.click()
  const state = page.locator('.state-line .badge')
  await expect.poll(() => state.textContent()).toBe('suspended')
  await page.getByText('suspend.completed').waitFor()
  await page.getByRole('button', { name: 'Wake' }).click()
  await expect.poll(() => state.textContent()).toBe('active')
  await page.getByText('wake.completed').waitFor()
  await page.getByLabel('Server connections').fill('40')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('The settings are saved.').waitFor()
  expect((await plane.ask('GET', '/api/v1/clusters/acme/pooler')).body['max_connections']).toBe(40)
})
