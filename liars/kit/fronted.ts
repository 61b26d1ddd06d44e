/** The honest router behind a relay that tampers with the bytes: for lies that no single piece of it can tell. */
import { connect, createServer, type Socket } from 'node:net'
import { readConfig, startRouter, type Pieces } from '../../reference/router/index.ts'

export interface Tampering {
  /** A chunk of a client's bytes on its way to the router. */
  readonly toServer?: (chunk: Buffer) => Buffer
  /** How long a client's bytes lie about before they are passed on. */
  readonly holdMs?: number
  /** A chunk of the router's bytes on its way to a client. */
  readonly toClient?: (chunk: Buffer) => Buffer
  /** Of the router behind it. */
  readonly pieces?: Partial<Pieces>
}

const untouched = (chunk: Buffer): Buffer => chunk

/** Runs the router's command line with a relay in front of it, until SIGTERM. */
export async function runFronted(
  argv: readonly string[],
  { toServer = untouched, toClient = untouched, pieces = {}, holdMs = 0 }: Tampering,
): Promise<void> {
  const config = readConfig(argv[argv.indexOf('--config') + 1]!)
  const router = await startRouter({ ...config, listen: { ...config.listen, port: 0 } }, pieces)
  const front = createServer((client) => {
    const back = connect(router.address.port, config.listen.host)
    if (holdMs > 0) hold(client, back, holdMs)
    else pass(client, back, toServer)
    pass(back, client, toClient)
  })
  front.listen(config.listen.port, config.listen.host)
  process.on('SIGTERM', () => void router[Symbol.asyncDispose]().then(() => process.exit(0)))
}

function pass(from: Socket, to: Socket, tamper: (chunk: Buffer) => Buffer): void {
  from.on('data', (chunk: Buffer) => {
    if (!to.write(tamper(Buffer.from(chunk)))) from.pause()
  })
  to.on('drain', () => from.resume())
  from.on('error', () => to.destroy()).on('close', () => to.destroy())
}

/** Timers of one length fire in the order they were set. */
function hold(from: Socket, to: Socket, ms: number): void {
  from.on('data', (chunk: Buffer) => setTimeout(() => to.write(chunk), ms))
  from.on('error', () => to.destroy()).on('close', () => setTimeout(() => to.destroy(), ms))
}

/** The chunk with every occurrence of a text replaced by another of the same length. */
export function replaceEvery(chunk: Buffer, text: string, by: string): Buffer {
  for (let at = chunk.indexOf(text); at >= 0; at = chunk.indexOf(text, at + text.length)) chunk.write(by, at)
  return chunk
}
