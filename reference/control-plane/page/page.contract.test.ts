import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chromiumPath, startBrowser } from './testing/browser.ts'
import { fakeCluster, startFakeControlPlane, token, type FakeControlPlane } from './testing/fake-control-plane.ts'

const skipped = chromiumPath === null
if (skipped) console.warn('the page is not tried: there is no Chromium on the PATH or in CHROMIUM_BIN')
/** Pictures for people, where somebody wants them. */
const pictures = process.env['OROCHI_PAGE_PICTURES']

let browser: Browser
beforeAll(async () => {
  if (!skipped) browser = await startBrowser()
})
afterAll(async () => await browser?.close())

interface Visit extends AsyncDisposable {
  readonly page: Page
  /** What the page complained of: violations of its policy, errors nobody caught. */
  readonly complaints: string[]
}

async function visit(server: FakeControlPlane, path = '/', options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce', ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => /Content Security Policy|Trusted/i.test(message.text()) && complaints.push(message.text()))
  await page.goto(server.url + path)
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() }
}

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('Token').fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Sign out' }).waitFor()
}

async function take(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return
  mkdirSync(pictures, { recursive: true })
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })
}

const cases = test.skipIf(skipped)

cases('who has no good token sees nothing, and is told why', async () => {
  await using server = await startFakeControlPlane([fakeCluster('acme')])
  await using visited = await visit(server, '/#/clusters/acme')
  const { page } = visited
  await expect.poll(() => page.evaluate('document.activeElement?.id')).toBe('token')
  await page.keyboard.type('bad.token')
  await page.keyboard.press('Enter')
  await page.getByText('This token is not taken: this token is not good').waitFor()
  expect(await page.getByLabel('Token').getAttribute('aria-invalid')).toBe('true')
  expect(server.asked.filter((line) => line.includes('acme'))).toEqual([])
  await take(page, 'sign-in')
  await signIn(page)
  await page.getByRole('heading', { name: 'acme', level: 1 }).waitFor()
  expect(visited.complaints).toEqual([])
})

cases('the token is in memory only: not in storage, cookies, addresses or the document, and gone after a reload', async () => {
  await using server = await startFakeControlPlane([fakeCluster('acme')])
  await using visited = await visit(server)
  const { page } = visited
  await signIn(page)
  const kept = await page.evaluate(
    'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href, document.documentElement.outerHTML, history.state])',
  )
  expect(kept).not.toContain(token)
  await page.reload()
  await page.getByLabel('Token').waitFor()
})

cases('a cluster: state, settings, numbers, shards and log, in light and dark, wide and narrow', async () => {
  await using server = await startFakeControlPlane([fakeCluster('acme', { pendingRestart: ['default_shard_count'] })])
  server.happen('acme', 'wake.requested')
  server.happen('acme', 'wake.completed', { warmth: 'cold', duration_ms: 1840.5, message: 'every server answers' })
  for (const [name, options] of Object.entries<BrowserContextOptions>({
    'wide-light': { colorScheme: 'light' },
    'wide-dark': { colorScheme: 'dark' },
    'narrow-light': { colorScheme: 'light', viewport: { width: 360, height: 740 } },
    'narrow-dark': { colorScheme: 'dark', viewport: { width: 360, height: 740 } },
  })) {
    await using visited = await visit(server, '/#/clusters/acme', options)
    const { page } = visited
    await signIn(page)
    await page.getByText('wake.completed (cold)').waitFor()
    await page
      .getByRole('img', { name: /Connections: active \d+, idle \d+/ })
      .locator('canvas')
      .waitFor()
    await page.getByText('The busiest shard has 1.74 times the mean.').waitFor()
    await page.getByText('Waits for a restart: default_shard_count.').waitFor()
    await expect.poll(() => page.locator('#link-state').textContent()).toBe('live')
    expect(await page.getByLabel('Server connections').inputValue()).toBe('100')
    // Nothing sticks out sideways.
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    if (pictures !== undefined) await page.waitForTimeout(6_000)
    await take(page, `cluster-${name}`)
    expect(visited.complaints).toEqual([])
  }
})

cases('what happens on the server shows without a reload, also after the stream broke off', async () => {
  await using server = await startFakeControlPlane([fakeCluster('acme')])
  await using visited = await visit(server, '/#/clusters/acme')
  const { page } = visited
  await signIn(page)
  const state = page.locator('.state-line')
  await expect.poll(() => state.textContent()).toContain('active')
  await expect.poll(() => page.locator('#link-state').textContent()).toBe('live')
  Object.assign(server.clusters.get('acme')!, { state: 'suspended' })
  server.happen('acme', 'suspend.completed', { message: 'was idle' })
  await expect.poll(() => state.textContent()).toContain('suspended')
  await page.getByText('was idle').waitFor()
  server.cutStreams()
  Object.assign(server.clusters.get('acme')!, { state: 'active' })
  server.happen('acme', 'wake.completed', { message: 'back again' })
  await page.getByText('back again').waitFor()
  await expect.poll(() => state.textContent()).toContain('active')
})

cases('wake, suspend and reload by keyboard', async () => {
  await using server = await startFakeControlPlane([fakeCluster('acme', { state: 'suspended' })])
  await using visited = await visit(server, '/#/clusters/acme')
  const { page } = visited
  await signIn(page)
  const button = (name: string) => page.getByRole('button', { name })
  await expect.poll(() => button('Wake').getAttribute('aria-disabled')).toBe('false')
  await button('Suspend').focus()
  await page.keyboard.press('Enter')
  await button('Wake').focus()
  await page.keyboard.press('Enter')
  await page.getByText('The wake has begun.').waitFor()
  expect(server.asked.filter((line) => line.startsWith('POST'))).toEqual(['POST /api/v1/clusters/acme/wake'])
  Object.assign(server.clusters.get('acme')!, { state: 'active' })
  server.happen('acme', 'wake.completed')
  await expect.poll(() => button('Reload settings').getAttribute('aria-disabled')).toBe('false')
  await button('Reload settings').focus()
  await page.keyboard.press('Space')
  await page.getByText('1 instances have read their settings again.').waitFor()
})

cases('the order of the keyboard is that of the page, and every control has a name', async () => {
  await using server = await startFakeControlPlane([fakeCluster('acme')])
  await using visited = await visit(server, '/#/clusters/acme')
  const { page } = visited
  await signIn(page)
  await page.getByText('pooler-1').waitFor()
  await page.locator('#skip').focus()
  const stops: string[] = []
  for (let n = 0; n < 24; n++) {
    stops.push(await page.evaluate<string>("document.activeElement?.id || document.activeElement?.textContent?.slice(0, 20) || ''"))
    await page.keyboard.press('Tab')
  }
  const order = [
    'skip',
    'Orochi',
    'Clusters',
    'sign-out',
    'Wake',
    'Suspend',
    'Reload settings',
    'enabled',
    'mode',
    'max_connections',
    'idle_timeout_seconds',
    'read_write_split',
    'sharding_enabled',
    'default_shard_count',
    'Save',
    'Undo',
    'log-all',
  ]
  expect(stops.filter((stop) => order.includes(stop)).slice(0, order.length)).toEqual(order)
  const nameless = await page.evaluate(
    "[...document.querySelectorAll('input, select, button, a, meter')].filter((one) => !one.labels?.length && !one.textContent.trim() && !one.ariaLabel).length",
  )
  expect(nameless).toBe(0)
})

cases('settings are checked here, refused there, and said at the setting itself', async () => {
  await using server = await startFakeControlPlane([fakeCluster('acme')])
  await using visited = await visit(server, '/#/clusters/acme')
  const { page } = visited
  await signIn(page)
  const field = page.getByLabel('Server connections')
  await expect.poll(() => field.inputValue()).toBe('100')
  await field.fill('many')
  await page.keyboard.press('Enter')
  await page.getByText('A whole number from 1 to 100000.').waitFor()
  expect(server.asked.filter((line) => line.startsWith('PATCH'))).toEqual([])
  const errors = [{ path: 'pooler.max_connections', message: 'each of 2 instances needs one for each shard: at least 8' }]
  server.refusals.set('PATCH /api/v1/clusters/acme/pooler', { status: 422, body: { detail: 'not possible', errors } })
  await field.fill('3')
  await page.keyboard.press('Enter')
  await page.locator('#max_connections-fault', { hasText: 'at least 8' }).waitFor()
  await take(page, 'settings-refused')
  server.refusals.clear()
  await field.fill('80')
  await page.keyboard.press('Enter')
  await page.getByText('The settings are saved.').waitFor()
  expect(server.clusters.get('acme')!.pooler.max_connections).toBe(80)
})

cases('what somebody else changed meanwhile is shown, and never written over unseen', async () => {
  await using server = await startFakeControlPlane([fakeCluster('acme')])
  await using visited = await visit(server, '/#/clusters/acme')
  const { page } = visited
  await signIn(page)
  const acme = server.clusters.get('acme')!
  const field = page.getByLabel('Server connections')
  await expect.poll(() => field.inputValue()).toBe('100')
  await field.fill('80')
  Object.assign(acme, { generation: 4, pooler: { ...acme.pooler, max_connections: 60, mode: 'session' } })
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Somebody else changed the settings meanwhile.').waitFor()
  expect(acme.pooler.max_connections).toBe(60)
  expect(await page.locator('.conflict').textContent()).toMatch(/Mode.*session.*as it is.*Server connections.*60.*80/s)
  await take(page, 'settings-conflict')
  await page.getByRole('button', { name: 'Save mine over it' }).click()
  await page.getByText('The settings are saved.').waitFor()
  expect(acme.pooler).toMatchObject({ max_connections: 80, mode: 'session' })
  expect(await page.getByLabel('Mode').inputValue()).toBe('session')
})

cases('whatever the server says is text', async () => {
  const message = '<img src=x onerror="document.title=\'gotcha\'"><script>document.title="gotcha"</script>'
  await using server = await startFakeControlPlane([fakeCluster('acme', { message })])
  server.happen('acme', 'wake.failed', { message, cause: message })
  await using visited = await visit(server, '/#/clusters/acme')
  const { page } = visited
  await signIn(page)
  await page.locator('.state-line', { hasText: '<img src=x' }).waitFor()
  await page.locator('td', { hasText: '<script>' }).first().waitFor()
  expect(await page.title()).toBe('acme · Orochi')
  expect(await page.locator('main img, main script').count()).toBe(0)
  await page.goto(`${server.url}/#/clusters/%3Cimg%20src=x%3E`)
  await page.getByText('There is no such cluster.').waitFor()
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('<img src=x>')
})

cases('a server in trouble is said in words, and the page stays usable', async () => {
  await using server = await startFakeControlPlane([fakeCluster('acme', { statsFault: 'no pooler instance told its numbers' })])
  await using visited = await visit(server, '/#/clusters/acme')
  const { page } = visited
  await signIn(page)
  await page.getByText('no pooler instance told its numbers').waitFor()
  server.refusals.set('POST /api/v1/clusters/acme/suspend', { status: 500, body: { detail: 'the driver failed' } })
  await page.getByRole('button', { name: 'Suspend' }).click()
  await page.getByText('the driver failed').waitFor()
  await take(page, 'trouble')
  server.refusals.clear()
  server.clusters.get('acme')!.statsFault = null
  await page.getByText('The busiest shard has').waitFor()
  server.clusters.get('acme')!.statsFault = 'it went away in the midst'
  await page.getByText('it went away in the midst').waitFor()
  server.clusters.get('acme')!.statsFault = null
  await page.getByText('The busiest shard has').waitFor()
  await page.getByRole('button', { name: 'Dismiss' }).click()
  await page.getByRole('button', { name: 'Suspend' }).click()
  await page.getByText('The suspend has begun.').waitFor()
  expect(visited.complaints).toEqual([])
})

cases('a token that is not taken any more, and a cluster that is gone', async () => {
  await using server = await startFakeControlPlane([fakeCluster('acme')])
  await using visited = await visit(server, '/#/clusters/nobody')
  const { page } = visited
  await signIn(page)
  await page.getByText('There is no such cluster.').waitFor()
  await page.getByRole('link', { name: 'All clusters' }).click()
  await page.getByRole('link', { name: 'acme' }).click()
  await page.getByRole('button', { name: 'Suspend' }).waitFor()
  server.refusals.set('POST /api/v1/clusters/acme/suspend', { status: 401, body: { detail: 'it has expired' } })
  await expect.poll(() => page.getByRole('button', { name: 'Suspend' }).getAttribute('aria-disabled')).toBe('false')
  await page.getByRole('button', { name: 'Suspend' }).click()
  await page.getByText('it has expired').waitFor()
  await page.getByLabel('Token').waitFor()
})

cases('a screen that nobody touches forgets the token', async () => {
  await using server = await startFakeControlPlane([fakeCluster('acme')], { idleSeconds: 1 })
  await using visited = await visit(server)
  const { page } = visited
  await signIn(page)
  await page.getByText('You were away for long, so the token was forgotten.').waitFor()
  await page.getByLabel('Token').waitFor()
})
