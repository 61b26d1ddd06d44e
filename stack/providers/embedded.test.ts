import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openLedger, readLedger } from '../ledger.ts'
import type { Launch, Running } from '../launch.ts'
import { familyOf, identify, isAlive } from '../processes.ts'
import { listenTo, talker } from '../testing/launches.ts'
import { scratchState } from '../testing/scratch.ts'
import { embedded } from './embedded.ts'

const soon = () => AbortSignal.timeout(20_000)

async function stage() {
  const scope = new AsyncDisposableStack()
  const scratch = scope.use(scratchState())
  const ledger = openLedger('embedded', 'worker')
  const provider = embedded(ledger, join(ledger.dir, 'stack'))
  const start = async (launch: Launch): Promise<Running> => scope.use(await provider.start(launch, soon()))
  return { scratch, ledger, provider, start, [Symbol.asyncDispose]: () => scope.disposeAsync() }
}

test('a part is ready when it answers, stands in the ledger, and is gone with its end', async () => {
  await using at = await stage()
  const part = await at.start(talker('one'))
  const told = await listenTo(part)
  expect(told.pid).toBe(part.pid)
  expect(readLedger('embedded')).toContainEqual(expect.objectContaining({ kind: 'process', name: 'one', process: identify(told.pid) }))
  expect(part.logSince(0).map(({ text }) => text)).toContain('talker begins')
  await part[Symbol.asyncDispose]()
  await part[Symbol.asyncDispose]()
  expect(part.alive()).toBe(false)
  expect(identify(told.pid)).toBeNull()
})

test('nothing of the caller’s environment reaches a part', async () => {
  process.env['PGPASSWORD'] = 'secret'
  process.env['MY_TOKEN'] = 'secret'
  try {
    await using at = await stage()
    const { env } = await listenTo(await at.start(talker('one')))
    expect(Object.values(env)).not.toContain('secret')
    expect(Object.keys(env)).not.toContain('HOME')
  } finally {
    delete process.env['PGPASSWORD']
    delete process.env['MY_TOKEN']
  }
})

test('a part that ends at once fails with the tail of its log, and leaves nothing', async () => {
  await using at = await stage()
  const start = at.provider.start(talker('one', 'fails'), soon())
  await expect(start).rejects.toMatchObject({ code: 'part-died', message: expect.stringContaining('talker cannot go on') })
  expect(existsSync(join(at.ledger.dir, 'stack', 'one'))).toBe(false)
})

test('a part that never serves is given up at its limit, and killed', async () => {
  await using at = await stage()
  process.env['OROCHI_TIME_FACTOR'] = '0.03'
  try {
    await expect(at.provider.start(talker('one', 'never-listens'), soon())).rejects.toMatchObject({ code: 'time-out' })
  } finally {
    delete process.env['OROCHI_TIME_FACTOR']
  }
  const started = readLedger('embedded').flatMap((line) => (line.kind === 'process' ? [line.process] : []))
  expect(started.length).toBe(1)
  expect(started.filter(isAlive)).toEqual([])
})

test('a start that is aborted leaves nothing', async () => {
  await using at = await stage()
  const abort = AbortSignal.timeout(150)
  await expect(at.provider.start(talker('one', 'never-listens'), abort)).rejects.toMatchObject({ code: 'time-out' })
  expect(existsSync(join(at.ledger.dir, 'stack', 'one'))).toBe(false)
})

test('a program that is not there is named', async () => {
  await using at = await stage()
  const launch = { ...talker('one'), process: { ...talker('one').process!, program: { binary: '/no/such/program' } } }
  await expect(at.provider.start(launch, soon())).rejects.toMatchObject({
    code: 'tool-missing',
    message: expect.stringContaining('/no/such/program'),
  })
})

test('a port taken under its nose is answered with other ports', async () => {
  await using at = await stage()
  const squatter = createServer((_, response) => response.end('{}'))
  const squat = (port: number) => new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve))
  // The squatter binds between the choice of the port and the part's own binding: when its folder gets its files.
  const launch = talker('one')
  let first: number | undefined
  const watching = setInterval(() => {
    const file = join(at.ledger.dir, 'stack', 'one', 'port')
    if (first === undefined && existsSync(file) && statSync(file).size > 0) void squat((first = Number(readFileSync(file, 'utf8'))))
  }, 1)
  try {
    const part = await at.start({ ...launch, files: [{ name: 'port', content: '{port:main}', mode: 0o644 }] })
    expect(first).toBeDefined()
    expect(part.addresses['main']!.port).not.toBe(first)
    expect((await listenTo(part)).pid).toBe(part.pid)
  } finally {
    clearInterval(watching)
    squatter.close()
  }
})

test('killed, it can be started again at the same place; its children die with it', async () => {
  await using at = await stage()
  const part = await at.start(talker('one', 'has-child'))
  const { pid } = await listenTo(part)
  const family = familyOf(identify(pid)!)
  expect(family.length).toBe(2)
  await part.kill!('SIGKILL')
  expect(part.alive()).toBe(false)
  expect(family.filter(isAlive)).toEqual([])
  const mark = part.logMark()
  await part.restart!()
  expect((await listenTo(part)).pid).not.toBe(pid)
  expect(part.logSince(mark).map(({ text }) => text)).toEqual(['talker begins'])
})

test('one that ignores the asking is killed after its grace', async () => {
  await using at = await stage()
  const part = await at.start(talker('one', 'ignores-sigterm'))
  const start = performance.now()
  await part[Symbol.asyncDispose]()
  expect(performance.now() - start).toBeGreaterThan(250)
  expect(part.alive()).toBe(false)
  expect(part.logSince(0).map(({ text }) => text)).toContain('not yet')
})

test('paused it answers nobody, resumed it goes on, and it can be stopped while paused', async () => {
  await using at = await stage()
  const part = await at.start(talker('one'))
  await part.pause!()
  const address = part.addresses['main']!
  await expect(fetch(`http://${address.host}:${address.port}/`, { signal: AbortSignal.timeout(200) })).rejects.toThrow()
  await part.resume!()
  expect((await listenTo(part)).pid).toBe(part.pid)
  await part.pause!()
  await part[Symbol.asyncDispose]()
  expect(part.alive()).toBe(false)
})

test('its clock moves at once, both ways, and back', async () => {
  await using at = await stage()
  const part = await at.start(talker('one'))
  for (const offset of [3_600_000, -86_400_000, 0]) {
    await part.shiftClock!(offset)
    const { now, date } = await listenTo(part)
    expect(Math.abs(now - Date.now() - offset)).toBeLessThan(2_000)
    expect(Math.abs(date - now)).toBeLessThan(1_000)
  }
})

test.runIf(process.platform === 'linux')('its figures are told', async () => {
  await using at = await stage()
  const figures = await (await at.start(talker('one'))).figures!()
  expect(figures.residentBytes).toBeGreaterThan(10_000_000)
  expect(figures.descriptors).toBeGreaterThan(3)
})

test('its folder holds what it was given, for its own eyes', async () => {
  await using at = await stage()
  const part = await at.start({ ...talker('one'), files: [{ name: 'secret.conf', content: 'dir={dir}', mode: 0o600 }] })
  expect(readFileSync(join(part.dir, 'secret.conf'), 'utf8')).toBe(`dir=${part.dir}`)
  expect(statSync(join(part.dir, 'secret.conf')).mode & 0o077).toBe(0)
  expect(statSync(part.logFile).mode & 0o077).toBe(0)
  expect(readdirSync(part.dir).toSorted()).toEqual(['clock', 'log', 'secret.conf'])
})
