/** The gateway under attack from both sides: hostile clients before it, a hostile server behind it. */
import { connect } from 'node:net'
import { startScram } from '../fixtures/probe/scram.ts'
import { takePort } from './ports.ts'
import type { Arena, Complaint, Trial } from './arena.ts'
import { letterless, writeClientMessage } from './client-messages.ts'
import { judgeBackend, judgeClient } from './judge.ts'
import { Line, play, type Words } from './line.ts'
import { makeMaterial, stageTimeoutMs, type Material } from './material.ts'
import { hear, say, type Act, type Script } from './script.ts'
import { readTalk } from './talk.ts'
import { complainOfMemory, settle } from './strain.ts'
import { startTarget, type Target } from './target.ts'
import { startUpstream, type Upstream } from './upstream.ts'

const slots = 48
/** Both stages of the client's side, the upstream's, the gateway's patience with those it refused, and as much again. */
const deadlineMs = 2 * (3 * stageTimeoutMs + 2000)
const goodPatienceMs = 10_000

const honest: readonly Act[] = [
  say({ name: 'ssl-request' }),
  hear,
  { act: 'tls', alpn: [] },
  say({ name: 'startup', version: 0x3_0000, parameters: [['user', 'tenant_user'], ['database', 'orochi']] }), // prettier-ignore
  hear,
  say({ name: 'token', token: 'good' }),
]

interface Place {
  /** By slot, what the client before said: its connection to the upstream may stand only now. */
  readonly before: Map<number, Buffer>
  readonly material: Material
  readonly upstream: Upstream
  readonly target: () => Target
}

export async function openGatewayArena(program = 'reference/gateway/bin.ts'): Promise<Arena> {
  const port = await takePort()
  await using scope = new AsyncDisposableStack()
  const upstream = scope.use(await startUpstream())
  const material = scope.use(await makeMaterial({ slots, port, upstreamPort: upstream.port }))
  const secrets = [...material.tokens.flatMap((all) => Object.values(all)), material.goodToken].map(lastPart).filter((part) => part !== '')
  const plan = { program, argv: ['--config', material.configFile], port, secrets }
  let target = await startTarget(plan)
  const place = { before: new Map<number, Buffer>(), material, upstream, target: () => target }
  let quiet = target.figures()
  const owned = scope.move()
  const strangers: Complaint[] = []
  return {
    slots,
    tryOut: (script, slot) => tryOut(place, script, slot, strangers),
    alive: () => target.alive(),
    death: () => target.death(),
    async revive() {
      await target[Symbol.asyncDispose]()
      target = await startTarget(plan)
      quiet = target.figures()
    },
    serveGood: () => serveGood(place),
    takeComplaints: () => [...strangers.splice(0), ...upstream.complaints.splice(0), ...complainOfMemory(target)],
    settle: () => settle(target, quiet?.descriptors ?? 0),
    async [Symbol.asyncDispose]() {
      await target[Symbol.asyncDispose]()
      await owned.disposeAsync()
    },
  }
}

/** The signature: nothing else is so surely a secret. */
const lastPart = (token: string): string => token.slice(token.lastIndexOf('.') + 1)

async function tryOut(place: Place, script: Script, slot: number, strangers: Complaint[]): Promise<Trial> {
  const { material, upstream, target } = place
  const subject = material.subjectOf(slot)
  upstream.meetings.delete(subject)
  if (script.leg === 'gateway-backend') upstream.scripts.set(subject, script.acts)
  else upstream.scripts.delete(subject)
  const line = new Line(connect({ host: '127.0.0.1', port: target().port, noDelay: true, allowHalfOpen: true }))
  const words = clientWords(material, slot)
  await play(script.leg === 'gateway-backend' ? honest : script.acts, line, words)
  const held = await waitForTheEnd(line, script)
  line.destroy()
  const meetings = upstream.meetings.get(subject) ?? []
  const judged = (script.leg === 'gateway-backend' ? judgeBackend : judgeClient)({
    line,
    script,
    meetings,
    held,
    before: place.before.get(slot) ?? Buffer.alloc(0),
  })
  place.before.set(slot, line.said)
  const said = script.leg === 'gateway-backend' ? Buffer.concat(meetings.map((meeting) => meeting.line.said)) : line.said
  const logged = target().takeComplaints()
  strangers.push(...logged.filter(({ port }) => port !== line.port).map(({ text }) => text))
  return { complaints: [...judged, ...logged.filter(({ port }) => port === line.port).map(({ text }) => text)], said }
}

function clientWords(material: Material, slot: number): Words {
  const means = { tokens: material.tokens[slot]!, scram: startScram('no password'), challenge: () => '' }
  return {
    ca: material.ca,
    write: (message) => ({ bytes: writeClientMessage(message, means), lengthAt: letterless.has(message.name) ? 0 : 1 }),
  }
}

/** True when the gateway keeps a connection that has not logged in beyond its deadline. Who is in may stay, and says a last word. */
async function waitForTheEnd(line: Line, script: Script): Promise<boolean> {
  const heardAll = () => line.heard.subarray(Math.max(0, line.plainBytes))
  const isIn = () => readTalk(heardAll(), { whole: false, through: true }).loggedIn
  await line.hear(deadlineMs, isIn)
  if (line.closed) return false
  if (!isIn()) return true
  if (script.leg === 'gateway-backend') line.say(Buffer.from('Q\0\0\0\u000dselect 1\0', 'latin1'))
  await line.hear(100)
  return false
}

async function serveGood({ material, target }: Place): Promise<Complaint | null> {
  const line = new Line(connect({ host: '127.0.0.1', port: target().port, noDelay: true }))
  const means = { tokens: { good: material.goodToken }, scram: startScram('no password'), challenge: () => '' }
  const write: Words['write'] = (message) => ({ bytes: writeClientMessage(message, means), lengthAt: letterless.has(message.name) ? 0 : 1 })
  await play([honest[0]!], line, { ca: material.ca, write })
  await line.hear(goodPatienceMs)
  await play([honest[2]!, honest[3]!], line, { ca: material.ca, write })
  await line.hear(goodPatienceMs, () => line.heard.length > line.plainBytes)
  await play([honest[5]!], line, { ca: material.ca, write })
  const talk = () => readTalk(line.heard.subarray(Math.max(0, line.plainBytes)), { whole: false, through: true })
  const served = await line.hear(goodPatienceMs, () => talk().loggedIn)
  line.destroy()
  return served ? null : `a good client was not served (${talk().refused ?? 'no answer'})`
}
