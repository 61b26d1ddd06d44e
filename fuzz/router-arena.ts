/** The router under attack by hostile clients, who know the password more often than strangers would. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { startScram } from '../fixtures/probe/scram.ts'
import type { Arena, Complaint, Trial } from './arena.ts'
import { letterless, writeClientMessage, type ClientMeans } from './client-messages.ts'
import { Line, play, type Words } from './line.ts'
import { takePort } from './ports.ts'
import { hear, say, type Act, type Script } from './script.ts'
import { readMessage } from './strict.ts'
import { serverPassword, startStrictServer } from './strict-server.ts'
import { readTalk } from './talk.ts'
import { complainOfMemory, settle } from './strain.ts'
import { startTarget, type Target } from './target.ts'

const slots = 32
/** The router's own patience with a log-in, which is not to be configured, and as much again. */
const deadlineMs = 2 * 10_000
/** Only some wait for that: one script in so many. */
const waitsOneIn = 200
const goodPatienceMs = 10_000

export async function openRouterArena(program = 'reference/router/bin.ts'): Promise<Arena> {
  await using scope = new AsyncDisposableStack()
  const server = scope.use(await startStrictServer())
  const port = await takePort()
  const dir = mkdtempSync(join(tmpdir(), 'orochi-fuzz-'))
  scope.defer(() => rmSync(dir, { recursive: true, force: true }))
  const config = join(dir, 'router.yaml')
  writeFileSync(config, stringify(configuration(port, await takePort(), server.port)), { mode: 0o600 })
  const plan = { program, argv: ['--config', config], port, secrets: [serverPassword] }
  let target = await startTarget(plan)
  let quiet = target.figures()
  const owned = scope.move()
  let count = 0
  return {
    slots,
    tryOut: (script) => tryOut(target, script, ++count % waitsOneIn === 0),
    alive: () => target.alive(),
    death: () => target.death(),
    async revive() {
      await target[Symbol.asyncDispose]()
      target = await startTarget(plan)
      quiet = target.figures()
    },
    serveGood: () => serveGood(port),
    takeComplaints: () => [...server.complaints.splice(0), ...target.takeComplaints().map(({ text }) => text), ...complainOfMemory(target)],
    settle: () => settle(target, quiet?.descriptors ?? 0),
    async [Symbol.asyncDispose]() {
      await target[Symbol.asyncDispose]()
      await owned.disposeAsync()
    },
  }
}

function configuration(port: number, operationsPort: number, serverPort: number): object {
  const server = { role: 'primary', host: '127.0.0.1', port: serverPort, database: 'orochi_0' }
  return {
    listen: { host: '127.0.0.1', port },
    operations: { host: '127.0.0.1', port: operationsPort },
    users: [{ name: 'app', password: serverPassword }],
    databases: [{ name: 'orochi', shards: [{ servers: [server] }] }],
    pool: { size: 5, waitTimeoutMs: 3000, connectTimeoutMs: 3000 },
    drain: { timeoutMs: 100 },
  }
}

function wordsOf(line: Line): Words {
  const scram = startScram(serverPassword)
  const means: ClientMeans = { tokens: {}, scram, challenge: () => challengeIn(line.heard) }
  return { ca: '', write: (message) => ({ bytes: writeClientMessage(message, means), lengthAt: letterless.has(message.name) ? 0 : 1 }) }
}

/** The server's first SCRAM words, wherever they stand. */
function challengeIn(heard: Buffer): string {
  const at = heard.indexOf(Buffer.from([0, 0, 0, 11]))
  const piece = at < 5 ? null : readMessage(heard, at - 5)
  return piece === null || typeof piece === 'string' ? '' : piece.body.toString('latin1', 4)
}

async function tryOut(target: Target, script: Script, waits: boolean): Promise<Trial> {
  const line = new Line(connect({ host: '127.0.0.1', port: target.port, noDelay: true, allowHalfOpen: true }))
  await play(script.acts, line, wordsOf(line))
  const talk = () => readTalk(line.heard, { whole: line.ended && !line.cut, through: false })
  if (!talk().loggedIn) await line.hear(waits ? deadlineMs : 150, () => talk().loggedIn)
  const held = waits && !line.closed && !talk().loggedIn
  const { complaints, loggedIn } = talk()
  line.destroy()
  const proved = script.acts.some((act) => act.act === 'say' && act.message.name === 'sasl-response')
  return {
    complaints: [
      ...complaints,
      ...(held ? ['a slot is held past its deadline'] : []),
      ...(loggedIn && !proved ? ['a client was let in without the password'] : []),
    ],
    said: line.said,
  }
}

const honest: readonly Act[] = [
  say({ name: 'startup', version: 0x3_0000, parameters: [['user', 'app'], ['database', 'orochi']] }), // prettier-ignore
  hear,
  say({ name: 'sasl-initial', mechanism: 'SCRAM-SHA-256' }),
  hear,
  say({ name: 'sasl-response' }),
]

async function serveGood(port: number): Promise<Complaint | null> {
  const line = new Line(connect({ host: '127.0.0.1', port, noDelay: true }))
  const words = wordsOf(line)
  for (const act of honest) {
    if (act.act === 'hear') await line.hear(goodPatienceMs)
    else await play([act], line, words)
  }
  const talk = () => readTalk(line.heard, { whole: false, through: true })
  const letIn = await line.hear(goodPatienceMs, () => talk().loggedIn && line.heard.at(-1) === 0x49)
  const before = line.heard.length
  await play([say({ name: 'query', text: 'select 1' })], line, words)
  const answered = letIn && (await line.hear(goodPatienceMs, () => line.heard.length > before && line.heard.at(-1) === 0x49))
  const heard = line.heard.subarray(before).toString('latin1')
  line.destroy()
  return answered && heard.includes('SELECT 0')
    ? null
    : `a good client was not served (${talk().refused ?? (letIn ? 'no answer to its query' : 'no answer')})`
}
