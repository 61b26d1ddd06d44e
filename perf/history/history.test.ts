import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { trendOf } from './figures.ts'
import { compareSides, standingOf } from './compare.ts'
import { findSide } from './find.ts'
import { newestVersion } from './migrations.ts'
import { openHistory, type History } from './open.ts'
import { recordRun } from './record.ts'
import { exampleFigure, exampleResult, exampleRun, exampleSystem } from './testing/example.ts'

const folder = mkdtempSync(join(tmpdir(), 'orochi-history-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
const freshFile = () => join(folder, `${files++}.sqlite`)
const count = (history: History, table: string) => Number(history.db.prepare(`select count(*) as n from ${table}`).get()?.['n'])

test('what is entered twice is there once', () => {
  using history = openHistory(freshFile())
  const figures = [exampleFigure(exampleResult(1)), exampleFigure({ metric: 'rss', unit: 'MB', value: 30 })]
  expect(recordRun(history, exampleRun('a'), figures)).toBe(2)
  expect(recordRun(history, exampleRun('a'), figures)).toBe(0)
  expect([count(history, 'runs'), count(history, 'systems'), count(history, 'figures')]).toEqual([1, 1, 2])
})

test('a file of a newer harness, or one that is no history, is refused in a sentence', () => {
  const file = freshFile()
  {
    using history = openHistory(file)
    history.db.exec(`pragma user_version = ${newestVersion + 1}`)
  }
  expect(() => openHistory(file)).toThrow(/was written by a newer harness/)
  writeFileSync(file, 'no database, but long enough to look like something else entirely '.repeat(20))
  expect(() => openHistory(file)).toThrow(/cannot be used as the history of figures/)
})

function startWriter(file: string, prefix: string, most = ''): { readonly child: ChildProcess; readonly kept: () => number } {
  const argv = [join(import.meta.dirname, 'testing/writer.ts'), file, prefix, ...(most === '' ? [] : [most])]
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] })
  let last = -1
  child.stdout?.on('data', (chunk: Buffer) => (last = Number(chunk.toString().trim().split('\n').at(-1))))
  return { child, kept: () => last + 1 }
}

test('what a writer had kept is there after kill -9, and the file is whole', async () => {
  const file = freshFile()
  const { child, kept } = startWriter(file, 'killed')
  await expect.poll(kept, { timeout: 15_000 }).toBeGreaterThan(20)
  child.kill('SIGKILL')
  await once(child, 'close')
  using history = openHistory(file)
  expect(history.db.prepare('pragma integrity_check').get()).toMatchObject({ integrity_check: 'ok' })
  expect(count(history, 'runs')).toBeGreaterThanOrEqual(kept())
  expect(count(history, 'figures')).toBe(2 * count(history, 'runs'))
})

test('two writers at once, from the first moment on, lose nothing', async () => {
  const file = freshFile()
  const writers = ['one', 'two'].map((name) => startWriter(file, name, '30').child)
  const ends = await Promise.all(writers.map((child) => once(child, 'close')))
  expect(ends.map(([code]) => code as number)).toEqual([0, 0])
  using history = openHistory(file)
  expect([count(history, 'runs'), count(history, 'figures')]).toEqual([60, 120])
})

function filled(): History {
  const history = openHistory(freshFile())
  const enter = (name: string, day: number, effect: number, more: object = {}, fingerprint = 'f0f0f0f0f0f0f0f0') =>
    recordRun(history, exampleRun(name, { at: `2026-11-${day}T10:00:00.000Z`, ...more }), [
      exampleFigure(exampleResult(effect), { system: exampleSystem(fingerprint), at: `2026-11-${day}T10:00:00.000Z` }),
    ])
  for (const [at, effect] of [1, 1.02, 0.98, 1.01, 0.99].entries()) enter(`old-${at}`, 10 + at, effect)
  enter('slow', 20, 1.6, { version: '0.1.0+5e5e5e5' }, 'abababababababab')
  enter('same', 21, 1.01, { version: '0.1.0+7a7a7a7' }, 'cdcdcdcdcdcdcdcd')
  enter('lying', 22, 9, { standIn: 'router-sleeps' })
  enter('elsewhere', 23, 0.5, { machine: 'bbbbbbbbbbbb' })
  return history
}

test('references: a run, its beginning, latest, a version, a commit by another name, a system', () => {
  using history = filled()
  const names = (reference: string) =>
    findSide(history, reference, (name) => (name === 'main' ? '5e5e5e5abcdef' : null)).runs.map((run) => run.name)
  expect(names('slow')).toEqual(['slow'])
  expect(names('old-')).toHaveLength(5)
  expect([names('latest'), names('previous')]).toEqual([['elsewhere'], ['same']])
  expect(names('0.1.0+7a7a7a7')).toEqual(['same'])
  expect(names('main')).toEqual(['slow'])
  expect(names('abababab')).toEqual(['slow'])
  expect(names('lying')).toEqual(['lying'])
  expect(() => names('nothing')).toThrow(/holds no figures of "nothing".*the newest runs are elsewhere, same, slow/)
})

test('regression, improvement and noise; another machine is refused in one sentence', () => {
  using history = filled()
  const ask = (before: string, after: string) => compareSides(history, findSide(history, before), findSide(history, after))
  expect(standingOf(ask('old-', 'slow'))).toBe('regression')
  expect(ask('old-', 'slow').figures[0]).toMatchObject({ runs: [5, 1], shift: { verdict: 'regression', why: '' } })
  expect(standingOf(ask('slow', 'old-'))).toBe('improvement')
  expect(standingOf(ask('old-', 'same'))).toBe('noise')
  const foreign = ask('elsewhere', 'same')
  expect(standingOf(foreign)).toBe('unknown')
  expect(foreign.refused).toBe(
    '"elsewhere" was measured on another machine (bbbbbbbbbbbb) than "same" (aaaaaaaaaaaa): whether anything moved is unknown',
  )
})

test('a trend tells a series in order, and without what stood in', () => {
  using history = filled()
  const { series } = compareSides(history, findSide(history, 'slow'), findSide(history, 'same')).figures[0]!
  expect(trendOf(history, series).map((figure) => figure.run)).toEqual(['old-0', 'old-1', 'old-2', 'old-3', 'old-4', 'slow', 'same'])
  expect(trendOf(history, series, 2).map((figure) => figure.value)).toEqual([1.6, 1.01])
})
