/** Every mistake in the specification is told with its file and line, and what to do. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { loadSpec } from './load.ts'
import { SpecError } from './spec-error.ts'

const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A specification of its own from file name → text. */
function specOf(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'spec-'))
  folders.push(folder)
  const dir = join(folder, 'spec')
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true })
    writeFileSync(join(dir, name), text)
  }
  return dir
}

function problemsOf(files: Record<string, string>): string[] {
  try {
    loadSpec(specOf(files))
  } catch (error) {
    if (error instanceof SpecError) return error.message.split('\n')
    throw error
  }
  return []
}

/** A sound entry on lines 3 to 12 of its file, each property on a line of its own; `changed` replaces lines by number. */
function family(changed: Record<number, string> = {}): string {
  const lines = [
    'family: JWT',
    'entries:',
    '  - id: JWT-001',
    '    title: a title',
    '    priority: P0',
    '    kind: unit',
    '    status: live',
    '    needs: [gateway]',
    '    given: something',
    '    when: it happens',
    '    then: { holds: it holds }',
    '    origin: project',
  ]
  return lines.map((line, at) => changed[at + 1] ?? line).join('\n') + '\n'
}

/** An expectation in the place of line 12. */
const refusal = (pooler: string, clause: string) =>
  `    origin: project\n    expect:\n      ${pooler}:\n        refuted: [${clause}]\n        because: so\n        versions: '1'`

const digestWith = (changed: Record<number, string> = {}) =>
  loadSpec(specOf({ 'families/jwt.yaml': family(changed) })).entries.get('JWT-001')!.digest

const one = (changed: Record<number, string>) => problemsOf({ 'families/jwt.yaml': family(changed) })

test('a sound entry is read with its defaults', () => {
  const entry = loadSpec(specOf({ 'families/jwt.yaml': family() })).entries.get('JWT-001')!
  expect(entry).toMatchObject({ family: 'JWT', status: 'live', timeoutMs: 30_000, destructive: false, marker: null, budget: null })
  expect(entry.clauses).toEqual([{ key: 'holds', text: 'it holds', needs: [] }])
  expect(entry.expect).toEqual({ pgdog: { verdict: 'proved' }, router: { verdict: 'proved' } })
  expect(entry.source).toEqual({ file: 'spec/families/jwt.yaml', line: 3 })
})

test('a clause may have needs of its own', () => {
  const text = family({ 11: '    then: { holds: it holds, logged: { text: it is logged, needs: [audit-log] } }' })
  const entry = loadSpec(specOf({ 'families/jwt.yaml': text })).entries.get('JWT-001')!
  expect(entry.clauses[1]).toEqual({ key: 'logged', text: 'it is logged', needs: ['audit-log'] })
})

test.each<[string, Record<number, string>, string]>([
  ['an unknown key', { 5: '    prioritty: P0' }, 'jwt.yaml:5: unknown key "prioritty": did you mean "priority"?'],
  ['a missing key', { 4: '' }, 'jwt.yaml:3: "title" in "entries" is missing: add it'],
  ['a bad priority', { 5: '    priority: P9' }, 'jwt.yaml:5: "priority" in "entries": priority "P9" is not known: did you mean "P0"?'],
  [
    'an unknown capability',
    { 8: '    needs: [gatway]' },
    'jwt.yaml:8: "needs" in "entries": capability "gatway" is not known: did you mean "gateway"?',
  ],
  ['a live entry without clauses', { 11: '    then: {}' }, 'jwt.yaml:11: JWT-001 promises nothing: write at least one clause under "then"'],
  ['an id that is none', { 3: '  - id: jwt1' }, 'jwt.yaml:3: "id" in "entries": "jwt1" is not an entry id such as JWT-001'],
  [
    'an entry in the wrong file',
    { 3: '  - id: CONN-001' },
    "jwt.yaml:3: CONN-001 stands in the file of JWT: move it to its own family's file",
  ],
  ['an unknown note', { 12: '    origin: project\n    notes: [GW-99]' }, 'jwt.yaml:13: there is no note GW-99: known here: '],
  ['an unknown marker', { 12: '    origin: project\n    marker: T1.1' }, 'jwt.yaml:13: there is no marker T1.1: known here: '],
  [
    'an unknown overlap',
    { 12: '    origin: project\n    overlaps: [JWT-002]' },
    'jwt.yaml:13: there is no entry JWT-002: did you mean "JWT-001"?',
  ],
  ['a clause without a sentence', { 11: '    then: { holds: 3 }' }, 'jwt.yaml:11: "text" in "holds" must be text, not 3'],
  [
    'a clause name in camel case',
    { 11: '    then: { holdsFast: it holds }' },
    'jwt.yaml:11: "holdsFast" is not a clause name in kebab-case',
  ],
  [
    'a pattern that is none',
    { 12: "    origin: project\n    provokes: [{ part: p, match: '(', because: b }]" },
    'jwt.yaml:13: "match" in "provokes": is not a regular expression',
  ],
  ['text that is no YAML', { 9: '    given: "open' }, 'jwt.yaml:'],
])('%s is refused with its line', (_, changed, expected) => {
  expect(one(changed).join('\n')).toContain(`spec/families/${expected}`)
})

test('an expectation is refused for an unknown pooler or an unknown clause', () => {
  expect(one({ 12: refusal('pgcat', 'holds') })[0]).toBe('spec/families/jwt.yaml:14: unknown key "pgcat": known here: pgdog, router')
  expect(one({ 12: refusal('pgdog', 'fails') })[0]).toBe('spec/families/jwt.yaml:15: JWT-001 has no clause "fails": its clauses are holds')
  expect(one({ 12: refusal('pgdog', 'holds') })).toEqual([])
  expect(one({ 12: '    origin: project\n    expect: { pgdog: refuted }' })[0]).toContain('spec/families/jwt.yaml:13: "pgdog" in "expect"')
})

test('an id that stands twice is refused with both places', () => {
  const twice = family() + family().split('\n').slice(2).join('\n')
  expect(problemsOf({ 'families/jwt.yaml': twice })).toEqual([
    'spec/families/jwt.yaml:13: JWT-001 stands twice, first at spec/families/jwt.yaml:3: give one of them another id',
  ])
})

test('entries stand in id order', () => {
  const turned = family({ 3: '  - id: JWT-002' }) + family().split('\n').slice(2).join('\n')
  expect(problemsOf({ 'families/jwt.yaml': turned })).toEqual([
    'spec/families/jwt.yaml:13: JWT-001 stands after JWT-002: keep the entries in id order',
  ])
})

test('all problems of all files are told at once, in order', () => {
  const problems = problemsOf({
    'families/a.yaml': family({ 5: '    priority: P9', 8: '    needs: [nothing]' }),
    'families/b.yaml': 'family: B\nentrys: []\n',
  })
  expect(problems.map((line) => line.split(': ')[0])).toEqual([
    'spec/families/a.yaml:5',
    'spec/families/a.yaml:8',
    'spec/families/b.yaml:1',
    'spec/families/b.yaml:2',
  ])
})

test('a published id must not vanish, nor come back', () => {
  const files = { 'families/jwt.yaml': family(), 'generated/published.txt': 'JWT-000\nJWT-001\n', 'CHANGELOG.md': '## 2.0.0\n' }
  expect(problemsOf({ ...files, 'version.yaml': 'version: 2.0.0\n' })).toEqual([
    'spec/version.yaml:1: JWT-000 was published and is gone: bring it back, or say under "removed" since when and why',
  ])
  const declared = 'version: 2.0.0\nremoved:\n  - { id: JWT-000, since: 2.0.0, why: it was wrong }\n'
  expect(problemsOf({ ...files, 'version.yaml': declared })).toEqual([
    'spec/version.yaml:3: JWT-000 is removed and spec/CHANGELOG.md does not say so: add a line',
  ])
  expect(problemsOf({ ...files, 'version.yaml': declared, 'CHANGELOG.md': '## 2.0.0\n\n- JWT-000 went.\n' })).toEqual([])
  const back = declared.replace('JWT-000', 'JWT-001')
  expect(problemsOf({ ...files, 'version.yaml': back })).toContain(
    'spec/version.yaml:3: JWT-001 is removed and stands in the specification: give the new one another id',
  )
})

test('the newest heading of the changelog is the version', () => {
  const files = { 'families/jwt.yaml': family(), 'version.yaml': 'version: 1.1.0\n', 'CHANGELOG.md': '# Changes\n\n## 1.0.0\n' }
  expect(problemsOf(files)).toEqual(['spec/CHANGELOG.md:1: the newest heading is "1.0.0", the version is 1.1.0: add "## 1.1.0"'])
})

test('the digest follows the words that decide a proof, and no others', () => {
  expect(digestWith({ 7: '    status: planned', 5: '    priority: P2' })).toBe(digestWith())
  for (const changed of [
    { 4: '    title: other' },
    { 9: '    given: other' },
    { 10: '    when: other' },
    { 11: '    then: { holds: it does }' },
    { 8: '    needs: [tls]' },
  ]) {
    expect(digestWith(changed)).not.toBe(digestWith())
  }
})
