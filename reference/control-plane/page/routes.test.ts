import { expect, test } from 'vitest'
import { pageRoutes } from './routes.ts'

const app = pageRoutes({ idleSeconds: 60 })

test('the page is one document, and what it names is there', async () => {
  const response = await app.request('/')
  expect(response.status).toBe(200)
  const html = await response.text()
  expect(html).toContain('name="idle-seconds" content="60"')
  const named = [...html.matchAll(/(?:href|src)="(\/page\/[^"]+)"/g)].map(([, path]) => path!)
  expect(named.length).toBeGreaterThan(3)
  for (const path of named) expect((await app.request(path)).status).toBe(200)
})

test('every module that a module imports is there', async () => {
  const seen = new Set<string>()
  const visit = async (path: string): Promise<void> => {
    if (seen.has(path)) return
    seen.add(path)
    const response = await app.request(path)
    expect(`${path} ${response.status} ${response.headers.get('content-type')}`).toBe(`${path} 200 text/javascript; charset=utf-8`)
    const code = await response.text()
    for (const [, inner] of code.matchAll(/from '\.\/([^']+)'/g)) await visit(`/page/${inner}`)
  }
  await visit('/page/main.js')
  expect(seen.size).toBeGreaterThan(10)
})

test('nothing inline and nothing from elsewhere may run, and nobody may frame it', async () => {
  const response = await app.request('/')
  const policy = response.headers.get('content-security-policy')!
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toMatch(/unsafe|https?:|\*/)
  expect(policy).toContain("frame-ancestors 'none'")
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  expect(response.headers.get('referrer-policy')).toBe('no-referrer')
  const html = await response.text()
  expect(html).not.toMatch(/<script(?![^>]*src=)|style="|\son\w+=/)
})

test('what did not change is not sent again', async () => {
  const first = await app.request('/page/main.js')
  const again = await app.request('/page/main.js', { headers: { 'if-none-match': first.headers.get('etag')! } })
  expect(again.status).toBe(304)
  expect(again.headers.get('content-security-policy')).not.toBeNull()
})

test.each(['/page/../routes.ts', '/page/routes.ts', '/page/', '/page/%2e%2e/routes.ts', '/page/index.html'])(
  '%s is not there',
  async (path) => {
    expect((await app.request(path)).status).toBe(404)
  },
)

/** Relative luminance and contrast as WCAG 2 defines them. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5]
    .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}

const contrast = (a: string, b: string) => (Math.max(luminance(a), luminance(b)) + 0.05) / (Math.min(luminance(a), luminance(b)) + 0.05)

test('every text has a contrast of 4.5 to its ground, every line and edge one of 3, in light and in dark', async () => {
  const css = await (await app.request('/page/style.css')).text()
  const [light, dark] = [...css.matchAll(/:root \{([^}]*)\}/g)].map(
    ([, body]) => new Map([...body!.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, hex]) => [name!, hex!])),
  )
  const texts = [
    'text card',
    'text ground',
    'quiet card',
    'quiet ground',
    'quiet quiet-soft',
    'link card',
    'link ground',
    'good good-soft',
    'warn warn-soft',
    'bad card',
    'on-accent accent',
    'text warn-soft',
    'quiet warn-soft',
  ]
  const lines = ['edge card', 'edge ground', 'line-0 card', 'line-1 card', 'accent card']
  for (const scheme of [light!, dark!]) {
    const low = [...texts.map((pair) => [pair, 4.5] as const), ...lines.map((pair) => [pair, 3] as const)].filter(([pair, least]) => {
      const [front, back] = pair.split(' ').map((name) => scheme.get(name)!)
      return contrast(front!, back!) < least
    })
    expect(low).toEqual([])
  }
})
