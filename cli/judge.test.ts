import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { projectRoot } from './project.ts'
import { judge } from './verbs/judge.ts'

const museum = (name: string) => join(projectRoot, 'scenarios', 'museum', `${name}.jsonl`)

function listen(): () => string {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  onTestFinished(() => log.mockRestore())
  return () => log.mock.calls.flat().join('\n')
}

test('a good history passes, a bad one is told with a timeline and drawn', async () => {
  const heard = listen()
  expect(await judge(museum('good-small'), {})).toBe(0)
  const svg = mkdtempSync(join(tmpdir(), 'judge-'))
  onTestFinished(() => rmSync(svg, { recursive: true }))
  expect(await judge(museum('bad-half-transaction'), { svg })).toBe(1)
  expect(heard()).toMatch(/atomic-at-the-end: half-transaction: half of it is there: client \d, transfer/)
  expect(heard()).toMatch(/client \d #\d+ +│ *━+ *│/)
  expect(readdirSync(svg).filter((file) => file.endsWith('.svg')).length).toBeGreaterThan(0)
})

test('one that is cut off is judged as far as it goes, and is no pass', async () => {
  const heard = listen()
  expect(await judge(museum('cut-off'), {})).toBe(2)
  expect(heard()).toContain('the history is cut off: it was judged as far as it goes')
})

test('what is no history, and checks nobody knows, are refused in a sentence', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'judge-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  writeFileSync(join(dir, 'history.jsonl'), 'hello\n')
  await expect(judge(dir, {})).rejects.toThrow(/history\.jsonl:1 is no line of a history/)
  await expect(judge(join(dir, 'nowhere'), {})).rejects.toThrow('there is no history')
  await expect(judge(museum('good-small'), { check: ['one-ownr'] })).rejects.toThrow('did you mean one-owner?')
  expect(existsSync(museum('good-small'))).toBe(true)
})
