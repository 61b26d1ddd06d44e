/** Fetches one document over HTTP: no redirect is followed, and there is a bound to its size, its time, and where it may come from. */
import { request as overHttp, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as overHttps } from 'node:https'
import { isLocal, lookupWithin, reaches, type Reach } from './fetch-reach.ts'

export interface DocumentTerms {
  readonly url: string
  /** PEM of the authorities trusted for it, in place of the usual ones. */
  readonly ca?: string | undefined
  /** For the `authorization` header. */
  readonly authorization?: string | undefined
  readonly privateNetwork: boolean
  readonly maxBytes: number
  readonly connectTimeoutMs: number
  /** For all of it. */
  readonly timeoutMs: number
}

export type Document = { readonly changed: true; readonly text: string; readonly etag: string | undefined } | { readonly changed: false }

/** `etag` of what one has. Rejects with a FetchFault. */
export type FetchDocument = (terms: DocumentTerms, etag?: string) => Promise<Document>

export const fetchFaults = ['unreachable', 'out-of-reach', 'timeout', 'redirect', 'status', 'too-large', 'encoding', 'cut'] as const
export type FetchFaultKind = (typeof fetchFaults)[number]

export class FetchFault extends Error {
  readonly kind: FetchFaultKind

  constructor(kind: FetchFaultKind, detail: string) {
    super(`${kind}: ${detail}`)
    this.name = 'FetchFault'
    this.kind = kind
  }
}

export const fetchDocument: FetchDocument = (terms, etag) => {
  const { promise, resolve, reject } = Promise.withResolvers<Document>()
  const request = send(terms, etag)
  const fail = (kind: FetchFaultKind, detail: string) => {
    reject(new FetchFault(kind, detail))
    request.destroy()
  }
  const total = setTimeout(() => fail('timeout', `not whole within ${terms.timeoutMs} ms`), terms.timeoutMs)
  const connecting = setTimeout(() => fail('timeout', `no connection within ${terms.connectTimeoutMs} ms`), terms.connectTimeoutMs)
  request.once('socket', (socket) => {
    socket.once('connect', () => {
      if (!reaches(socket.remoteAddress ?? '', reachOf(terms))) fail('out-of-reach', 'the address is not one to fetch from')
    })
    socket.once(terms.url.startsWith('https:') ? 'secureConnect' : 'connect', () => clearTimeout(connecting))
  })
  request.once('response', (response) => receive(response, { ...terms, etag }, resolve, fail))
  request.on('error', (cause: NodeJS.ErrnoException) =>
    fail(cause.code === 'OUT_OF_REACH' ? 'out-of-reach' : 'unreachable', cause.code ?? cause.name),
  )
  request.end()
  return promise.finally(() => {
    clearTimeout(total)
    clearTimeout(connecting)
    request.destroy()
  })
}

function reachOf({ url, privateNetwork }: DocumentTerms): Reach {
  return { loopback: isLocal(new URL(url)), privateNetwork }
}

/** A connection of its own each time: nothing is kept that could lead elsewhere than what the name says now. */
function send(terms: DocumentTerms, etag: string | undefined): ClientRequest {
  const options: RequestOptions & { readonly ca?: string; readonly minVersion: 'TLSv1.2' } = {
    agent: false,
    lookup: lookupWithin(reachOf(terms)),
    maxHeaderSize: 16_384,
    minVersion: 'TLSv1.2',
    headers: {
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': 'orochi-gateway',
      ...(etag === undefined ? {} : { 'if-none-match': etag }),
      ...(terms.authorization === undefined ? {} : { authorization: terms.authorization }),
    },
    ...(terms.ca === undefined ? {} : { ca: terms.ca }),
  }
  return (terms.url.startsWith('https:') ? overHttps : overHttp)(terms.url, options)
}

type Fail = (kind: FetchFaultKind, detail: string) => void

function receive(
  response: IncomingMessage,
  { maxBytes, etag }: DocumentTerms & { readonly etag: string | undefined },
  resolve: (document: Document) => void,
  fail: Fail,
): void {
  const { statusCode: status = 0, headers } = response
  if (status === 304 && etag !== undefined) return resolve({ changed: false })
  if (status >= 300 && status < 400 && status !== 304) return fail('redirect', `status ${status}`)
  if (status !== 200) return fail('status', `status ${status}`)
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') return fail('encoding', 'the answer is compressed')
  if (Number(headers['content-length'] ?? 0) > maxBytes) return fail('too-large', `over ${maxBytes} bytes`)
  const chunks: Buffer[] = []
  let bytes = 0
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > maxBytes) return fail('too-large', `over ${maxBytes} bytes`)
    chunks.push(chunk)
  })
  response.on('error', () => fail('cut', 'the answer broke off'))
  response.once('end', () => resolve({ changed: true, text: Buffer.concat(chunks).toString(), etag: shortEtag(headers.etag) }))
}

/** It is sent back each time, so a long one is not kept. */
function shortEtag(etag: string | undefined): string | undefined {
  return etag !== undefined && etag.length <= 256 ? etag : undefined
}
