import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Spec } from '../spec/load.ts'
import type { Gate } from './outcome.ts'
import { tableText } from './summary.ts'
import { exampleRun, exampleSpec, type ExampleRun } from './testing/example.ts'
import { writeReports } from './write.ts'

let dir: string
let spec: Spec
const out = () => join(dir, 'out')
const read = (name: string) => readFileSync(join(out(), 'a', name), 'utf8')

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'orochi-write-'))
  spec = exampleSpec(join(dir, 'spec'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

async function reportOn(run: ExampleRun = {}, gate: Gate = 'run') {
  exampleRun(spec, join(out(), 'a'), run)
  return writeReports({ spec, out: out(), run: 'a', into: join(out(), 'a'), gate, allure: false })
}

interface AllureResult {
  readonly name: string
  readonly status?: string
  readonly historyId: string
  readonly start: number
  readonly statusDetails: { readonly message: string }
  readonly steps: readonly { readonly name: string; readonly status: string }[]
  readonly labels: readonly { readonly name: string; readonly value: string }[]
  readonly parameters: readonly { readonly name: string; readonly value: string; readonly excluded?: boolean }[]
  readonly attachments: readonly { readonly name: string; readonly source: string }[]
}

function allureResults(): readonly AllureResult[] {
  const names = readdirSync(join(out(), 'a', 'allure-results')).filter((name) => name.endsWith('-result.json'))
  return names.map((name) => JSON.parse(read(join('allure-results', name))) as AllureResult)
}

const allureFor = (id: string) => allureResults().find((one) => one.name.startsWith(id))!

/** The verdict as each format tells it, without the help of the others. A pass with a finding is an expected refutation. */
const fromJson = () =>
  (JSON.parse(read('verdicts.json')) as { id: string; verdict: string; standing: string }[]).map((one) => [
    one.id,
    one.verdict,
    one.standing,
  ])

function fromAllure() {
  const words: Record<string, [string, string]> = {
    passed: ['proved', 'passed'],
    failed: ['refuted', 'failed'],
    broken: ['unknown', 'failed'],
    skipped: ['unsupported', 'skipped'],
    none: ['missing', 'failed'],
  }
  return allureResults().map(({ name, status, statusDetails }) => {
    const [verdict, standing] = words[status ?? 'none']!
    return [name.split(' ')[0], statusDetails.message.startsWith('FINDING') ? 'refuted' : verdict, standing]
  })
}

function fromJunit() {
  return [...read('junit.xml').matchAll(/<testcase[^>]* name="(\S+) [\s\S]*?<\/testcase>/g)].map(([body, id]) => {
    if (body.includes('<skipped')) return [id, 'unsupported', 'skipped']
    if (body.includes('<failure')) return [id, 'refuted', 'failed']
    if (body.includes('<error')) return [id, /<error[^>]* type="missing"/.test(body) ? 'missing' : 'unknown', 'failed']
    return [id, body.includes('<system-out>finding') ? 'refuted' : 'proved', 'passed']
  })
}

test('JSON, JUnit and Allure tell the same verdicts', async () => {
  const { files } = await reportOn()
  expect(files.filter((file) => !existsSync(file))).toEqual([])
  const expected = [
    ['JWT-001', 'proved', 'passed'],
    ['JWT-002', 'refuted', 'failed'],
    ['JWT-003', 'unknown', 'failed'],
    ['JWT-004', 'unsupported', 'skipped'],
    ['JWT-005', 'missing', 'failed'],
    ['JWT-006', 'refuted', 'passed'],
  ]
  for (const told of [fromJson(), fromJunit(), fromAllure()]) expect(told.toSorted()).toEqual(expected)
})

/** Every tag is closed by its own kind, in order, and no bare `<` or `&` is left. */
function expectWellFormed(xml: string): void {
  const open: string[] = []
  for (const [, end, name, self] of xml.matchAll(/<(\/?)([A-Za-z-]+)(?: [A-Za-z]+="[^"<]*")*(\/?)>/g))
    if (end) expect(open.pop()).toBe(name)
    else if (!self) open.push(name ?? '')
  expect(open).toEqual([])
  const left = xml.replace(/^<\?xml[^>]*\?>/, '').replaceAll(/<\/?[A-Za-z-]+(?: [A-Za-z]+="[^"<]*")*\/?>/g, '')
  expect(left.replaceAll(/&(amp|lt|gt|quot);/g, '')).not.toMatch(/[<>&]/)
}

test('JUnit is well-formed, and its totals are those of its cases', async () => {
  await reportOn()
  expectWellFormed(read('junit.xml'))
  expect(read('junit.xml')).toContain('<testsuite name="JWT" tests="6" failures="1" errors="2" skipped="1"')
  expect(read('junit.xml')).toContain('<skipped message="needs docker: no daemon')
})

test('what a part said cannot break a report', async () => {
  const hostile = '</script><img src=x onerror=1> ]]> & "quotes" \u0000\u001b[31m \ud800 | pipes \n lines'
  const told = { id: 'JWT-002', clause: { verdict: 'refuted', why: hostile }, whole: { verdict: 'proved' } } as const
  const { rows } = await reportOn({ told: [told] })
  expect(read('index.html')).not.toMatch(/<img|\u0000|\u001b/)
  expectWellFormed(read('junit.xml'))
  expect(read('junit.xml')).not.toMatch(/[\u0000\u001b]/)
  const inSummary = read('summary.md')
    .split('\n')
    .filter((line) => line.startsWith('| JWT-002'))
  expect(inSummary).toHaveLength(1)
  expect(inSummary[0]).not.toContain('<img')
  expect(tableText(rows, 'run', false)).not.toMatch(/[\u0000\u001b]/)
})

test('our own page needs nothing else, and lets nothing else run', async () => {
  await reportOn()
  const page = read('index.html')
  expect(page).not.toMatch(/(src|href)="(?!#)[a-z]+:/)
  const [, policy = ''] = /Content-Security-Policy" content="([^"]+)"/.exec(page) ?? []
  for (const tag of ['style', 'script']) {
    const [, content = ''] = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(page) ?? []
    expect(policy).toContain(`${tag}-src 'sha256-${createHash('sha256').update(content).digest('base64')}'`)
  }
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
  expect(new Set(ids).size).toBe(ids.length)
  for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target)
})

test('Allure: clauses are steps, reasons are kept, what never ran says so, and a finding is told as one', async () => {
  await reportOn()
  expect(allureFor('JWT-002').steps).toMatchObject([{ name: 'holds: it holds', status: 'failed' }])
  expect(allureFor('JWT-003').statusDetails.message).toContain('killed')
  expect(allureFor('JWT-004').statusDetails.message).toContain('UNSUPPORTED: needs docker: no daemon')
  expect(allureFor('JWT-005').statusDetails.message).toBe('NOT RUN: it never ran on pgdog')
  expect(allureFor('JWT-005').start).toBe(Date.parse('2026-01-01T00:00:00.000Z'))
  expect(allureFor('JWT-006').statusDetails.message).toContain('FINDING, as expected of pgdog: reality denies it')
  expect(read('allure-results/environment.properties')).toContain('npm run suite')
})

test('Allure: only pooler and topology tell results of an entry apart', async () => {
  const told = { id: 'JWT-001', clause: { verdict: 'proved' }, whole: { verdict: 'proved' } } as const
  await reportOn({ told: [told, { ...told, pooler: 'router' }] })
  const results = allureResults().filter((one) => one.name.startsWith('JWT-001'))
  expect(results.map((one) => one.historyId).toSorted()).toEqual(['JWT-001·pgdog·shards=1', 'JWT-001·router·shards=1'])
  const identity = results[0]?.parameters.filter((one) => one.excluded !== true).map((one) => one.name)
  expect(identity).toEqual(['pooler', 'topology'])
  for (const { labels } of results) expect(new Set(labels.filter((one) => one.name !== 'tag').map((one) => one.name)).size).toBe(9)
})

test('Allure: files kept as evidence are attached, those that are gone do no harm', async () => {
  const sha256 = createHash('sha256').update('kept').digest('hex')
  const line = (path: string) =>
    ({ kind: 'attached', at: '2026-01-01T00:00:00Z', entry: 'JWT-001', attempt: 1, name: path, path, sha256 }) as const
  mkdirSync(join(out(), 'a'), { recursive: true })
  writeFileSync(join(out(), 'a', 'kept.json'), 'kept')
  const told = { id: 'JWT-001', clause: null, whole: { verdict: 'proved' }, extra: [line('kept.json'), line('gone.log')] } as const
  await reportOn({ told: [told] })
  const [attached, ...rest] = allureFor('JWT-001').attachments
  expect(rest).toEqual([])
  expect(read(join('allure-results', attached!.source))).toBe('kept')
  expect(read('index.html')).toContain('gone.log (gone)')
})

test('the table shows every row that counts, failures whole, findings as findings', async () => {
  const { rows } = await reportOn()
  const text = tableText(rows, 'run', false, 120)
  expect(text).toContain('6 verdicts: 1 proved, 2 refuted, 1 unknown, 1 unsupported, 1 missing')
  expect(text).toContain('expected <a> & got "b"')
  expect(text).toContain('JWT-006 on pgdog: reality denies it')
  expect(text.split('\n').filter((line) => /^JWT-\d+ +P0/.test(line) && line.length > 120)).toEqual([])
  expect(tableText(rows, 'run', true, 120)).toContain('\u001b[32mproved')
})

test('a run that left no evidence is told in one sentence', async () => {
  await expect(writeReports({ spec, out: out(), run: 'b', into: dir, gate: 'run', allure: false })).rejects.toThrow(
    'there is no evidence of a run "b"',
  )
})
