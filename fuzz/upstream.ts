/** The pooler behind the gateway: reads strictly, plays a script for those it is meant for, and serves everybody else honestly. */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { Line, play } from './line.ts'
import type { Act } from './script.ts'
import { goodBackend } from './generate.ts'
import { upstreamPassword } from './material.ts'
import { scramServer } from './scram-server.ts'
import { writeServerMessage } from './server-messages.ts'
import { readMessage, readStartup } from './strict.ts'

/** One connection of the gateway. */
export interface Meeting {
  /** Whose claims it brought. */
  readonly subject: string
  readonly line: Line
  /** Bytes heard before the client's own words may come: the start-up packet, and so on. */
  readonly startupBytes: number
  /** The right SCRAM proof of this connection, once it was due. */
  proof: string | null
  over: boolean
}

export interface Upstream extends AsyncDisposable {
  readonly port: number
  /** Who comes with claims for this subject meets this script next. */
  readonly scripts: Map<string, readonly Act[]>
  /** By subject, all since they were taken out last. */
  readonly meetings: Map<string, Meeting[]>
  /** Complaints about what the gateway said before it knew anybody. */
  readonly complaints: string[]
}

const patienceMs = 4000
const maxStartupBytes = 64 * 1024

export async function startUpstream(): Promise<Upstream> {
  const sockets = new Set<Socket>()
  const upstream = { scripts: new Map<string, readonly Act[]>(), meetings: new Map<string, Meeting[]>(), complaints: [] as string[] }
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    void meet(socket, upstreamPassword, upstream).finally(() => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    ...upstream,
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

type House = Pick<Upstream, 'scripts' | 'meetings' | 'complaints'>

async function meet(socket: Socket, password: string, house: House): Promise<void> {
  const line = new Line(socket)
  const length = await startupLength(line, house)
  if (length === 0) return
  const meeting = openMeeting(line, length, house)
  if (meeting === null) return
  const script = house.scripts.get(meeting.subject) ?? goodBackend
  const words = wordsOf(meeting, password)
  await play(script, line, { ca: '', write: words })
  if (script === goodBackend) await echo(socket, line)
  else await line.hear(patienceMs, () => false)
  meeting.over = true
}

/** 0 when nobody logs in: the connection was closed, or it was a cancel request. */
async function startupLength(line: Line, { complaints }: House): Promise<number> {
  await line.hear(patienceMs, () => line.heard.length >= 4)
  if (line.heard.length < 4) return line.heard.length === 0 ? 0 : complain(complaints, 'the upstream got a torn start-up packet')
  const length = line.heard.readUInt32BE(0)
  if (length < 8 || length > maxStartupBytes) return complain(complaints, `the upstream got a start-up packet of ${length} bytes`)
  await line.hear(patienceMs, () => line.heard.length >= length)
  if (line.heard.length < length) return complain(complaints, 'the upstream got a torn start-up packet')
  const code = line.heard.readUInt32BE(4)
  if (code !== 80_877_102) return length
  const wrong = length < 16 || length > 268 || line.heard.length !== length
  return wrong ? complain(complaints, `the upstream got a cancel request of ${line.heard.length} bytes`) : 0
}

function complain(complaints: string[], text: string): 0 {
  complaints.push(text)
  return 0
}

function openMeeting(line: Line, startupBytes: number, { meetings, complaints }: House): Meeting | null {
  try {
    const { parameters } = readStartup(line.heard.subarray(4, startupBytes))
    const meeting = { subject: subjectOf(parameters.get('orochi.claims') ?? ''), line, startupBytes, proof: null, over: false }
    meetings.set(meeting.subject, [...(meetings.get(meeting.subject) ?? []), meeting])
    return meeting
  } catch (error) {
    complain(complaints, `the upstream got ${(error as Error).message}`)
    return null
  }
}

function subjectOf(claims: string): string {
  const { p } = JSON.parse(claims) as { p: string }
  return (JSON.parse(Buffer.from(p, 'base64url').toString()) as { sub: string }).sub
}

function wordsOf(meeting: Meeting, password: string): Parameters<typeof play>[2]['write'] {
  const heard = () => lastBody(meeting.line.heard, meeting.startupBytes)
  const scram = scramServer(password)
  const noting = { ...scram, final: (clientFinal: string) => (meeting.proof = scram.final(clientFinal)) }
  return (message) => ({ bytes: writeServerMessage(message, { scram: noting, heard }), lengthAt: 1 })
}

function lastBody(bytes: Buffer, from: number): Buffer {
  let body: Buffer = Buffer.alloc(0)
  for (let at = from; ;) {
    const piece = readMessage(bytes, at)
    if (piece === null || typeof piece === 'string') return body
    body = piece.body
    at = piece.end
  }
}

/** Everything that comes goes back, until the other side ends. */
async function echo(socket: Socket, line: Line): Promise<void> {
  let sent = line.heard.length
  while (!line.closed) {
    await line.hear(patienceMs, () => line.heard.length > sent)
    if (line.heard.length === sent) return
    line.say(line.heard.subarray(sent))
    sent = line.heard.length
  }
  socket.end()
  await line.hear(patienceMs, () => socket.destroyed)
}
