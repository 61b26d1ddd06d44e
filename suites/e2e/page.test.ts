/** What people see of a cluster in a browser: changes as they come, errors in words, and nothing after they were away for long. */
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { wish } from '../kit.ts'
import { openPlane } from '../wake/plane.ts'
import { comes, visitCluster } from './page.ts'

const spec = wish({ controlPlane: {} })

const stateOn = (page: Page) => page.locator('.state-line .badge').textContent()

spec('E2E-005', async (trial) => {
  await using plane = await openPlane(trial)
  await using visit = await visitCluster(trial)
  const { page } = visit
  const before = await comes(async () => (await stateOn(page)) === 'active')
  await page.evaluate('window.untouched = true')
  await plane.suspend()
  const asleep = await comes(async () => (await stateOn(page)) === 'suspended', 10_000)
  const logged = await comes(async () => (await page.getByText('suspend.completed').count()) === 1, 5_000)
  await visit.picture('asleep')
  await plane.wake()
  const awake = await comes(async () => (await stateOn(page)) === 'active', 10_000)
  await trial.prove('shown', async () => {
    expect({ before, asleep, logged, awake }).toEqual({ before: true, asleep: true, logged: true, awake: true })
    expect(await page.evaluate('window.untouched'), 'the page was not loaded again').toBe(true)
  })
})

spec('E2E-006', async (trial) => {
  await using visit = await visitCluster(trial, (page) => page.clock.install())
  const { page } = visit
  await page.locator('.state-line .badge').waitFor()
  const idleSeconds = Number(await page.locator('meta[name=idle-seconds]').getAttribute('content'))
  await page.clock.runFor((idleSeconds - 30) * 1000)
  const early = await page.getByLabel('Token').count()
  await page.clock.runFor(60_000)
  const out = await comes(async () => (await page.getByLabel('Token').count()) === 1, 10_000)
  await visit.picture('signed-out')
  await trial.prove('logged-out', async () => {
    expect(early, 'before the idle limit').toBe(0)
    expect(out, 'after it').toBe(true)
    expect(await page.locator('.state-line').count(), 'what could be seen before').toBe(0)
  })
  // Where there is no form, there is nothing to try.
  const tried = async (token: string, look: () => Promise<boolean>) => {
    if ((await page.getByLabel('Token').count()) === 0) return false
    await visit.signIn(token)
    return await comes(look, 10_000)
  }
  const refused = await tried('no.good.token', async () => (await page.getByText('This token is not taken').count()) === 1)
  const again = await tried(visit.token, async () => (await page.locator('.state-line .badge').count()) === 1)
  await trial.prove('again', () => {
    expect({ refused, again }).toEqual({ refused: true, again: true })
  })
})

spec('E2E-007', async (trial) => {
  await using plane = await openPlane(trial)
  await plane.suspend()
  await using visit = await visitCluster(trial)
  const { page } = visit
  await comes(async () => (await stateOn(page)) === 'suspended')
  const wake = page.getByRole('button', { name: 'Wake' })
  const refusing = plane.platform.refuse()
  await wake.click()
  const told = await comes(async () => (await page.locator('.notice.error').count()) > 0, 10_000)
  const words = told ? await page.locator('.notice.error').first().innerText() : ''
  await visit.picture('refused')
  refusing[Symbol.dispose]()
  await trial.prove('readable', () => {
    expect(words).toMatch(/\w+ \w+/)
    expect(words, 'no trace of a program').not.toMatch(/\bat .*:\d+|undefined|\[object|^\{/)
  })
  const usable = await comes(async () => {
    if ((await wake.count()) === 0) return false
    if ((await wake.getAttribute('aria-disabled')) === 'false') await wake.click({ timeout: 2_000 }).catch(() => {})
    return (await stateOn(page)) === 'active'
  })
  await trial.prove('usable', () => expect(usable, 'the cluster was woken on the same page').toBe(true))
})
