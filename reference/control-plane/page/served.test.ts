import { expect, test } from 'vitest'
import { raise } from '../testing/raise.ts'

test('the page is served to everybody, with its policy, and what it asks for only to who may', async () => {
  await using plane = await raise({ change: (config) => ({ ...config, page: { idleSeconds: 77 } }) })
  const response = await fetch(`${plane.base}/`)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(await response.text()).toContain('content="77"')
  expect((await fetch(`${plane.base}/page/main.js`)).status).toBe(200)
  expect((await fetch(`${plane.base}/api/v1/clusters`)).status).toBe(401)
})

test('there is none where none is wanted', async () => {
  await using plane = await raise({ change: (config) => ({ ...config, page: { enabled: false } }) })
  expect((await fetch(`${plane.base}/`)).status).toBe(404)
  expect((await fetch(`${plane.base}/page/main.js`)).status).toBe(404)
})
