/** A pooler that sleeps until it is told to wake, and a control plane that does as a script says and counts what it was asked. */
import { connect, createServer } from 'node:net'
import { createServer as createHttp, type ServerResponse } from 'node:http'
import type { Stack } from '../../stack/stack.ts'
import type { Configuration } from '../kit/reconfigure.ts'
import { listening } from './tls-backend.ts'

export interface Sleeper extends AsyncDisposable {
  /** From now on it serves as the real one does. */
  wake(): void
  /** Attempts to reach it so far. */
  readonly dials: () => number
  /** What the control plane was asked so far: `GET state`, `POST wake`. */
  readonly asked: () => readonly string[]
  /** Laid over the gateway's configuration: this pooler and this control plane. */
  readonly apply: (config: Configuration) => Configuration
}

export interface SleeperWish {
  /** `fails` answers 500, `silent` never, `lies` says that all is ready. */
  readonly controlPlane?: 'honest' | 'fails' | 'silent' | 'lies'
  readonly wake?: object
}

export async function openSleeper(stack: Stack, { controlPlane = 'honest', wake = {} }: SleeperWish = {}): Promise<Sleeper> {
  await using scope = new AsyncDisposableStack()
  let state = controlPlane === 'lies' ? 'running' : 'suspended'
  let dials = 0
  let awake = false
  const asked: string[] = []
  const pooler = createServer((socket) => {
    dials++
    socket.on('error', () => {})
    if (!awake) return void socket.destroy()
    const real = connect(stack.pooler)
    real.on('error', () => socket.destroy()).on('close', () => socket.destroy())
    socket.on('close', () => real.destroy())
    socket.pipe(real).pipe(socket)
  })
  const control = createHttp(({ method = '', url = '' }, response) => {
    const [what = ''] = /(?:state|wake)$/.exec(url) ?? []
    asked.push(`${method} ${what}`)
    if (what === 'wake' && state === 'suspended') state = 'waking'
    if (controlPlane === 'fails') response.writeHead(500).end()
    else if (controlPlane !== 'silent') tell(response, what === 'wake' ? 202 : 200, state)
  })
  const [port, controlPort] = [await listening(pooler, scope), await listening(control, scope)]
  const owned = scope.move()
  return {
    wake: () => {
      awake = true
      state = 'running'
    },
    dials: () => dials,
    asked: () => [...asked],
    apply: (config) => ({
      ...config,
      upstream: { host: '127.0.0.1', port, database: stack.door.database },
      wake: { controlPlane: `http://127.0.0.1:${controlPort}`, pollMs: 20, noticeMs: 100, deadlineMs: 20_000, ...wake },
    }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function tell(response: ServerResponse, code: number, status: string): void {
  const state = { cluster_id: 'local', status, is_ready: status === 'running', message: '' }
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify({ state }))
}
