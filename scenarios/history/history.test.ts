import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { HistoryError, parseHistory, readHistory } from './read.ts'
import { openHistory } from './write.ts'

const opening = { scenario: 'a test', seed: 's', system: {}, checks: ['x'], budgets: {}, facts: {} }

function scratch(): string {
  const dir = mkdtempSync(join(tmpdir(), 'history-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  return join(dir, 'deep', 'history.jsonl')
}

function writeOne(file: string): void {
  const book = openHistory(file, opening)
  const fault = book.fault('primary-kill', 'postgres-0')
  const first = book.invoke({ process: 0, load: 'sets', kind: 'add', args: 1 })
  const second = book.invoke({ process: 1, load: 'sets', kind: 'add', args: 2 })
  fault.bites('nobody answers')
  book.return(second, { outcome: 'fail', sqlstate: '57P03', phase: 'connect' })
  book.return(first, { outcome: 'ok', value: [1], seen: { backends: [7] } })
  book.sample('connections', 'postgres-0', 4)
  fault.heal()
  fault.healed('it answers')
  book.truth('sets', [1])
  book.fence('after', true, 'all well')
  book.close()
}

test('what was written is read', () => {
  const file = scratch()
  writeOne(file)
  const history = readHistory(file)
  expect(history).toMatchObject({ scenario: 'a test', seed: 's', checks: ['x'], cutOff: false })
  expect(history.operations.map(({ process, outcome, value, sqlstate }) => [process, outcome, value, sqlstate])).toEqual([
    [0, 'ok', [1], null],
    [1, 'fail', null, '57P03'],
  ])
  const [fault] = history.faults
  expect(fault).toMatchObject({ name: 'primary-kill', effect: 'nobody answers', healing: 'it answers' })
  expect(fault!.injectMs).toBeLessThanOrEqual(fault!.bitesMs!)
  expect([history.samples.length, history.truths[0]?.state, history.fences[0]?.healthy]).toEqual([1, [1], true])
})

test('a history that is cut anywhere is read as far as it goes, and marked so', () => {
  const file = scratch()
  writeOne(file)
  const text = readFileSync(file, 'utf8')
  const first = text.indexOf('\n') + 1
  fc.assert(
    fc.property(fc.integer({ min: first, max: text.length - 1 }), (at) => {
      const history = parseHistory(text.slice(0, at))
      expect(history.cutOff).toBe(true)
      for (const operation of history.operations) if (operation.returnMs === null) expect(operation.outcome).toBe('info')
    }),
  )
})

test('a writer that is killed leaves what had happened', () => {
  const file = scratch()
  const program = `import { openHistory } from ${JSON.stringify(join(import.meta.dirname, 'write.ts'))}
    const book = openHistory(${JSON.stringify(file)}, ${JSON.stringify(opening)})
    book.return(book.invoke({ process: 0, load: 'l', kind: 'k', args: null }), { outcome: 'ok' })
    book.invoke({ process: 0, load: 'l', kind: 'k', args: null })
    process.kill(process.pid, 'SIGKILL')`
  spawnSync(process.execPath, ['--input-type=module', '-e', program])
  const history = readHistory(file)
  expect([history.cutOff, ...history.operations.map(({ outcome }) => outcome)]).toEqual([true, 'ok', 'info'])
})

test('what is no history is refused in a sentence', () => {
  expect(() => parseHistory('hello\n', 'h.jsonl')).toThrow('h.jsonl:1 is no line of a history')
  expect(() => parseHistory('{"t":"end","at":1}\n', 'h.jsonl')).toThrow('h.jsonl does not begin like a history')
  const file = scratch()
  writeOne(file)
  appendFileSync(file, '{"t":"return","at":9,"index":77,"outcome":"ok"}\n')
  expect(() => readHistory(file)).toThrow(HistoryError)
  expect(() => parseHistory(readFileSync(file, 'utf8').replace('"format":1', '"format":2'))).toThrow('format 2')
})
