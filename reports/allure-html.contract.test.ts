import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exampleRun, exampleSpec, type Told } from './testing/example.ts'
import { writeReports } from './write.ts'

let dir: string
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'orochi-allure-'))))
afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('the Allure page is one file that calls nobody, and its history finds each entry again on its system', async () => {
  const spec = exampleSpec(join(dir, 'spec'))
  const out = join(dir, 'out')
  const told: Told = { id: 'JWT-001', clause: { verdict: 'proved' }, whole: { verdict: 'proved' } }
  exampleRun(spec, join(out, 'a'), { told: [told, { ...told, pooler: 'router' }] })
  const wish = { spec, out, run: 'a', into: join(out, 'a'), gate: 'run', allure: true } as const
  await writeReports(wish)
  const { files } = await writeReports(wish)

  const page = readFileSync(join(out, 'a', 'allure-report', 'index.html'), 'utf8')
  expect(files).toContain(join(out, 'a', 'allure-report', 'index.html'))
  expect(page).not.toMatch(/googletagmanager|google-analytics/)
  expect([...page.matchAll(/<(?:script|link|img|iframe)[^>]*(?:src|href)="(https?:[^"]+)"/g)].map(([, url]) => url)).toEqual([])
  expect(existsSync(join(out, 'a', 'allure-report', 'allurerc.mjs'))).toBe(false)

  const points = readFileSync(join(out, 'allure-history.jsonl'), 'utf8').trim().split('\n')
  const [first, second] = points.map((line) => Object.keys((JSON.parse(line) as { testResults: object }).testResults).toSorted())
  expect(first).toHaveLength(7)
  expect(second).toEqual(first)
})
