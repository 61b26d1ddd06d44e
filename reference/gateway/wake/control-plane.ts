/** Asks the control plane about clusters, and asks it to wake them: one small answer for each question, or a trouble. */
import { request as requestPlain, type IncomingMessage } from 'node:http'
import { request as requestSecure } from 'node:https'
import { z } from 'zod'

export interface ClusterState {
  readonly status: string
  readonly ready: boolean
  /** After so many ms it may be asked again; null: it did not say. */
  readonly retryAfterMs: number | null
}

export interface ControlPlane {
  state(cluster: string, signal: AbortSignal): Promise<ClusterState>
  wake(cluster: string, signal: AbortSignal): Promise<ClusterState>
}

/** `hopeless`: asking again would not help. */
export class ControlPlaneTrouble extends Error {
  readonly hopeless: boolean
  readonly retryAfterMs: number | null

  constructor(message: string, hopeless: boolean, retryAfterMs: number | null = null) {
    super(message)
    this.name = 'ControlPlaneTrouble'
    this.hopeless = hopeless
    this.retryAfterMs = retryAfterMs
  }
}

export interface ControlPlaneTerms {
  readonly base: string
  readonly ca: string | null
  readonly token: string | null
  readonly timeoutMs: number
}

const maxAnswerBytes = 65_536
const maxRetryAfterMs = 30_000

const answerShape = z.object({ state: z.object({ status: z.string().max(64), is_ready: z.boolean() }) })

export function openControlPlane(terms: ControlPlaneTerms): ControlPlane {
  const ask = (method: 'GET' | 'POST', cluster: string, what: string, signal: AbortSignal) =>
    askOnce(method, `/api/v1/internal/clusters/${encodeURIComponent(cluster)}/${what}`, terms, signal)
  return {
    state: (cluster, signal) => ask('GET', cluster, 'state', signal),
    wake: (cluster, signal) => ask('POST', cluster, 'wake', signal),
  }
}

async function askOnce(method: 'GET' | 'POST', path: string, terms: ControlPlaneTerms, signal: AbortSignal): Promise<ClusterState> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(terms.timeoutMs)])
  try {
    const response = await send(method, path, terms, within)
    const retryAfterMs = retryAfterOf(response)
    const text = await readAnswer(response)
    const status = response.statusCode ?? 0
    if (status !== 200 && status !== 202)
      throw new ControlPlaneTrouble(`it answered ${status}`, status < 500 && status !== 429, retryAfterMs)
    const { state } = answerShape.parse(JSON.parse(text))
    return { status: state.status, ready: state.is_ready, retryAfterMs }
  } catch (cause) {
    if (cause instanceof ControlPlaneTrouble) throw cause
    throw new ControlPlaneTrouble(within.aborted ? 'it did not answer in time' : troubleOf(cause), false)
  }
}

/** What an answer holds is not repeated. */
function troubleOf(cause: unknown): string {
  const { code } = cause as NodeJS.ErrnoException
  return typeof code === 'string' ? `it cannot be reached (${code})` : 'it answered nothing that makes sense'
}

/** Redirects are not followed: they are answers like others. */
function send(method: string, path: string, { base, ca, token }: ControlPlaneTerms, signal: AbortSignal): Promise<IncomingMessage> {
  const url = new URL(base)
  url.pathname = url.pathname.replace(/\/$/, '') + path
  const headers = { accept: 'application/json', 'content-length': 0, ...(token === null ? {} : { authorization: `Bearer ${token}` }) }
  const options = { method, headers, signal, agent: false, ...(ca === null ? {} : { ca }) }
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? requestSecure(url, options, resolve) : requestPlain(url, options, resolve)
    request.on('error', reject).end()
  })
}

async function readAnswer(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxAnswerBytes) throw new ControlPlaneTrouble('its answer does not end', false)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function retryAfterOf({ headers }: IncomingMessage): number | null {
  const said = headers['retry-after']
  return said !== undefined && /^\d{1,6}$/.test(said) ? Math.min(Number(said) * 1000, maxRetryAfterMs) : null
}
