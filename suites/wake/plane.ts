/** The control plane over HTTP, as an operator and as the gateway ask it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Platform } from '../../stack/control-plane/platform.ts'
import type { Trial } from '../kit.ts'

const limitMs = 40_000
const pollMs = 20

export interface Answer {
  readonly status: number
  readonly type: string
  readonly headers: Headers
  readonly body: Readonly<Record<string, unknown>>
}

export interface Status {
  readonly state: string
  readonly status: string
  readonly is_ready: boolean
}

export interface Plane extends AsyncDisposable {
  readonly platform: Platform
  /** Below `/api/v1/clusters/{cluster}`; by default with the token of an operator. */
  ask(method: string, path: string, more?: { readonly body?: unknown; readonly authorization?: string | null }): Promise<Answer>
  status(): Promise<Status>
  /** States it is in until it is in this one, each once. Throws when that does not come. */
  until(state: string): Promise<readonly string[]>
  suspend(): Promise<void>
  wake(): Promise<void>
  /** How often something was started since `mark`. */
  starts(mark: number): number
}

/** Awake again at the end. */
export async function openPlane({ stack, mint }: Pick<Trial<'WAKE-001'>, 'stack' | 'mint'>): Promise<Plane> {
  const { base, cluster, platform } = stack.controlPlane
  const operator = `Bearer ${await mint({ claims: { permissions: ['clusters:admin'] } })}`

  const ask: Plane['ask'] = async (method, path, { body, authorization = operator } = {}) => {
    const response = await fetch(`${base}/api/v1/clusters/${cluster}${path}`, {
      method,
      headers: {
        ...(authorization === null ? {} : { authorization }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(limitMs),
    })
    return {
      status: response.status,
      type: response.headers.get('content-type') ?? '',
      headers: response.headers,
      body: await read(response),
    }
  }
  const status = async () => (await ask('GET', '/status')).body as unknown as Status
  const until = async (wanted: string): Promise<readonly string[]> => {
    const seen: string[] = []
    for (const end = performance.now() + limitMs; performance.now() < end; await sleep(pollMs)) {
      const { state } = await status()
      if (seen.at(-1) !== state) seen.push(state)
      if (state === wanted) return seen
    }
    throw new Error(`the cluster is not ${wanted}: it was ${seen.join(', ')}`)
  }
  const wake = async () => {
    for (const end = performance.now() + limitMs; performance.now() < end; await sleep(pollMs)) {
      const { state } = await status()
      if (state === 'active') return
      if (state === 'suspended') await ask('POST', '/wake')
    }
    throw new Error('the cluster does not wake')
  }
  return {
    platform,
    ask,
    status,
    until,
    wake,
    async suspend() {
      const { status: told } = await ask('POST', '/suspend')
      if (told !== 200 && told !== 202) throw new Error(`the control plane does not suspend: ${told}`)
      await until('suspended')
    },
    starts: (mark) => platform.orders.slice(mark).filter(({ verb }) => verb === 'start').length,
    [Symbol.asyncDispose]: wake,
  }
}

async function read(response: Response): Promise<Answer['body']> {
  const text = await response.text()
  try {
    return JSON.parse(text) as Answer['body']
  } catch {
    return { text }
  }
}
