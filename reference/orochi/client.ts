/** Asks the control plane, and tells apart why it did not do as asked. */
import type { z } from 'zod'
import { Failure } from './failure.ts'
import { failureOf } from './refusal.ts'
import type { Settings } from './settings.ts'

export interface Request {
  readonly method?: 'GET' | 'POST' | 'PATCH'
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answer<T> {
  readonly status: number
  readonly headers: Headers
  readonly body: T
}

/** To be read once, as text or as it comes. */
export interface Opened {
  /** Server-sent events, which may go on for ever; everything else has the deadline of an answer. */
  readonly stream: boolean
  readonly chunks: AsyncIterable<Uint8Array>
  text(): Promise<string>
}

export interface Client {
  /** Throws a Failure for everything but an answer in the 200s of the wanted shape. */
  ask<T>(path: string, shape: z.ZodType<T>, request?: Request): Promise<Answer<T>>
  open(path: string, request?: Request): Promise<Opened>
}

const bodyLimit = 4 * 1024 * 1024

export function makeClient(settings: Settings, interrupted: AbortSignal): Client {
  const fail = (cause: unknown): never => {
    throw explain(cause, settings, interrupted)
  }
  return {
    async ask(path, shape, request = {}) {
      const signal = AbortSignal.any([AbortSignal.timeout(settings.timeoutMs), interrupted])
      const response = await send(settings, path, request, signal).catch(fail)
      const text = await readText(response, settings.url).catch(fail)
      if (!response.ok) throw failureOf(response, text, settings.url)
      return { status: response.status, headers: response.headers, body: parse(text, shape, settings.url) }
    },
    async open(path, request = {}) {
      const late = new AbortController()
      const timer = setTimeout(() => late.abort(new DOMException('late', 'TimeoutError')), settings.timeoutMs)
      const response = await send(settings, path, request, AbortSignal.any([late.signal, interrupted])).catch(fail)
      const stream = response.ok && (response.headers.get('content-type')?.startsWith('text/event-stream') ?? false)
      // Only what may go on for ever has no deadline.
      if (stream) clearTimeout(timer)
      else timer.unref()
      if (!response.ok) throw failureOf(response, await readText(response, settings.url).catch(() => ''), settings.url)
      return { stream, chunks: orFail(response.body ?? [], fail), text: () => readText(response, settings.url).catch(fail) }
    },
  }
}

async function* orFail(
  chunks: AsyncIterable<Uint8Array> | readonly Uint8Array[],
  fail: (cause: unknown) => never,
): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks
  } catch (cause) {
    fail(cause)
  }
}

async function send(settings: Settings, path: string, request: Request, signal: AbortSignal): Promise<Response> {
  const headers = {
    accept: 'application/json',
    ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(settings.token === null ? {} : { authorization: `Bearer ${settings.token}` }),
    ...request.headers,
  }
  const init = { method: request.method ?? 'GET', headers, signal, redirect: 'manual' as const }
  return await fetch(addressOf(settings.url, path), {
    ...init,
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  })
}

/** A control plane may live below a path of its own. */
function addressOf(base: URL, path: string): URL {
  return new URL(base.pathname.replace(/\/$/, '') + path, base)
}

async function readText(response: Response, url: URL): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > bodyLimit) throw new Failure('failed', `${url.host} sent more than 4 MiB`, 'check that --url names a control plane')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function explain(cause: unknown, settings: Settings, interrupted: AbortSignal): Failure {
  if (cause instanceof Failure) return cause
  if (interrupted.aborted) return new Failure('interrupted', 'interrupted', 'what was asked before may still take effect', cause)
  const { host } = settings.url
  if ((cause as { name?: string }).name !== 'TimeoutError') {
    return new Failure(
      'unreachable',
      `${host} cannot be reached (${reasonOf(cause)})`,
      'check --url and that the control plane runs',
      cause,
    )
  }
  const seconds = settings.timeoutMs / 1000
  return new Failure('unreachable', `${host} did not answer within ${seconds} s`, 'try again, or give more time by --timeout', cause)
}

function reasonOf(cause: unknown): string {
  const inner = (cause as { cause?: { code?: string; message?: string } }).cause
  return inner?.code ?? inner?.message ?? 'no reason given'
}

function parse<T>(text: string, shape: z.ZodType<T>, url: URL): T {
  const parsed = shape.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue?.path.join('.') ?? ''
  const advice = 'check that --url names a control plane, and that this command is not older than it'
  throw new Failure('failed', `${url.host} answered in a shape that is not known here${where === '' ? '' : ` (at ${where})`}`, advice)
}

function parseJson(text: string): unknown {
  if (text === '') return {}
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
