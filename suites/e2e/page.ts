/** The control plane's page in a browser, as somebody with a token sees it. */
import type { Page } from 'playwright-core'
import { openBrowser } from '../../stack/browser.ts'
import type { Trial } from '../kit.ts'

const limitMs = 30_000

export interface Visit extends AsyncDisposable {
  readonly page: Page
  /** The token that it was opened with. */
  readonly token: string
  signIn(token: string): Promise<void>
  /** Keeps how it looks now with the evidence. */
  picture(name: string): Promise<void>
}

/** Before the cluster of this stack, signed in. `prepare` comes before anything is loaded. */
export async function visitCluster(
  { stack, mint, attach }: Pick<Trial<'E2E-005'>, 'stack' | 'mint' | 'attach'>,
  prepare: (page: Page) => Promise<void> = async () => {},
): Promise<Visit> {
  const { base, cluster } = stack.controlPlane
  const token = await mint({ claims: { permissions: ['clusters:admin'] } })
  const browser = await openBrowser()
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' })
  page.setDefaultTimeout(limitMs)
  await prepare(page)
  await page.goto(`${base}/#/clusters/${cluster}`)
  const signIn = async (text: string) => {
    await page.getByLabel('Token').fill(text)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }
  await signIn(token)
  await page.getByRole('heading', { name: cluster, level: 1 }).waitFor()
  return {
    page,
    token,
    signIn,
    picture: async (name) => attach(`${name}.png`, await page.screenshot({ fullPage: true })),
    [Symbol.asyncDispose]: () => browser.close(),
  }
}

/** Whether something comes to be so within the limit. */
export async function comes(look: () => Promise<boolean>, withinMs = limitMs): Promise<boolean> {
  for (const end = performance.now() + withinMs; performance.now() < end; await new Promise((resolve) => setTimeout(resolve, 50))) {
    if (await look()) return true
  }
  return false
}
