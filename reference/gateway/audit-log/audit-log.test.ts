import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { afterAll, expect, test, vi } from 'vitest'
import { ConfigError } from '../config-error.ts'
import { Refusal } from '../reasons.ts'
import { makeToken, otherKey } from '../testing/issuer.ts'
import { raiseStage } from '../testing/stage.ts'
import type { AuditConfig } from './audit-config.ts'
import { openAuditLog } from './audit-log.ts'
import { runAudit } from './run-audit.ts'
import { linesOf, verifyChain } from './verify-chain.ts'

const dir = mkdtempSync(join(tmpdir(), 'audit-test-'))
let files = 0
const freshFile = () => join(dir, `audit-${++files}.log`)
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function open(config: Partial<AuditConfig>, number = 0, size = 1) {
  const logged: object[] = []
  const registry = new Registry()
  const full = { sync: 'never', onFailure: 'refuse', ...config } as AuditConfig
  const log = openAuditLog({ config: full, write: (_level, record) => logged.push(record), registry, now: () => 0, number, size })
  return { ...log, [Symbol.dispose]: log[Symbol.dispose], logged, registry }
}

const login = (sub: string, outcome = 'refused') => ({ event: 'login', outcome, sub })
const reportOf = (file: string) => verifyChain(linesOf(file))

test('the chain goes on after a restart; what is not about access is only logged', async () => {
  const file = freshFile()
  for (const life of [1, 2, 3]) {
    using log = open({ file })
    log.write('info', login(`user-${life}`), '')
    log.write('info', { event: 'started' }, '')
    log.write('info', { event: 'cancel', outcome: 'unknown' }, '')
    expect(log.logged).toHaveLength(3)
  }
  expect(await reportOf(file)).toMatchObject({ fault: null, records: 6, last: { seq: 6 } })
})

test('wherever the last line was torn, it is cut off, a record says so, and the chain is whole', async () => {
  const file = freshFile()
  {
    using log = open({ file })
    for (const sub of ['a', 'b']) log.write('info', login(sub), '')
  }
  const whole = readFileSync(file)
  const second = whole.indexOf(10) + 1
  for (let at = second + 1; at < whole.length; at++) {
    writeFileSync(file, whole.subarray(0, at))
    using log = open({ file })
    log.write('info', login('c'), '')
    expect(log.logged).toMatchObject([
      { event: 'audit', outcome: 'mended', bytes: at - second, seq: 2 },
      { sub: 'c', seq: 3 },
    ])
    expect((await reportOf(file)).fault).toBeNull()
  }
})

test('a file whose last line is no end of a chain is not written to', () => {
  const file = freshFile()
  {
    using log = open({ file })
    log.write('info', login('a'), '')
  }
  const good = readFileSync(file, 'utf8')
  for (const bad of [`${good}something else\n`, good.replace('"sub":"a"', '"sub":"b"'), `${good}${'x'.repeat(70_000)}`]) {
    writeFileSync(file, bad)
    expect(() => open({ file })).toThrow(ConfigError)
    expect(readFileSync(file, 'utf8')).toBe(bad)
  }
  expect(() => open({ file: join(dir, 'nowhere', 'audit.log') })).toThrow(/audit.file: .* cannot be opened \(ENOENT\)/)
})

test('on a full disk nobody is let in, unless that is wished; it is said once, and counted', async () => {
  for (const onFailure of ['refuse', 'continue'] as const) {
    using log = open({ file: '/dev/full', onFailure })
    const accept = () => log.write('info', login('a', 'accepted'), '')
    if (onFailure === 'refuse') expect(accept).toThrow(Refusal)
    else accept()
    log.write('info', login('b'), '')
    const failures = log.logged.filter((record) => (record as { event: string }).event === 'audit')
    expect(failures).toEqual([{ event: 'audit', outcome: 'failed', code: 'ENOSPC' }])
    expect(await log.registry.metrics()).toContain('orochi_gateway_audit_records_total{outcome="lost"} 2')
  }
})

test('each process on a port has a file of its own', async () => {
  const file = freshFile()
  for (const number of [0, 1]) {
    using log = open({ file }, number, 2)
    log.write('info', login('a'), '')
  }
  for (const number of [0, 1]) expect(await reportOf(`${file}.${number}`)).toMatchObject({ fault: null, records: 1 })
})

test('logins of a gateway are in its chain, without their tokens; the login that cannot be written down is refused', async () => {
  const file = freshFile()
  const [good, bad] = [await makeToken(), await makeToken({ signedBy: otherKey })]
  {
    await using stage = await raiseStage({ change: (config) => ({ ...config, audit: { file, sync: 'always', onFailure: 'refuse' } }) })
    await (await stage.logIn(good)).until('ready-for-query')
    expect(await (await stage.logIn(bad)).refusal()).toBe('28000')
  }
  const text = readFileSync(file, 'utf8')
  expect(await reportOf(file)).toMatchObject({ fault: null })
  const outcomes = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string; outcome: string })
    .flatMap(({ event, outcome }) => (event === 'login' ? [outcome] : []))
  expect(outcomes).toEqual(['accepted', 'refused'])
  for (const part of [...good.split('.'), ...bad.split('.')]) expect(text).not.toContain(part)
  await using full = await raiseStage({
    change: (config) => ({ ...config, audit: { file: '/dev/full', sync: 'never', onFailure: 'refuse' } }),
  })
  expect(await (await full.logIn(good)).refusal()).toBe('57P03')
  expect(full.logins()).toMatchObject([{ outcome: 'refused', reason: 'audit_unavailable' }])
})

test('audit verify tells a whole chain from a broken one, and from one whose end is gone', async () => {
  const file = freshFile()
  {
    using log = open({ file })
    for (const sub of ['a', 'b', 'c']) log.write('info', login(sub), '')
  }
  const said = vi.spyOn(console, 'error').mockImplementation(() => {})
  const told = vi.spyOn(console, 'log').mockImplementation(() => {})
  const exitCode = async (...argv: string[]) => {
    process.exitCode = undefined
    await runAudit(['verify', ...argv])
    const code = process.exitCode
    process.exitCode = undefined
    return code
  }
  const lines = readFileSync(file, 'utf8').split('\n')
  const head = (JSON.parse(lines[2]!) as { hash: string }).hash
  expect(await exitCode(file, '--head', head)).toBe(0)
  expect(told.mock.lastCall?.[0]).toMatch(/3 records, 1 to 3, the last is [0-9a-f]{64}: whole$/)
  writeFileSync(file, `${lines.slice(0, 2).join('\n')}\n`)
  expect([await exitCode(file), await exitCode(file, '--head', head)]).toEqual([0, 1])
  appendFileSync(file, `${lines[0]}\n`)
  expect(await exitCode(file)).toBe(1)
  expect(said.mock.lastCall?.[0]).toMatch(/:3: has number 1, and 3 was due/)
  expect(await exitCode(join(dir, 'nowhere.log'))).toBe(66)
  said.mockRestore()
  told.mockRestore()
})
