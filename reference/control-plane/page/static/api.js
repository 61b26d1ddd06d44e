/** Asks the control plane. The token lives in a variable of this module and nowhere else. */

let token = null
let onLost = () => {}

export const hasToken = () => token !== null

export function setToken(text) {
  token = text
}

/** Called when the control plane does not take a token any more that it took before. */
export function whenLost(callback) {
  onLost = callback
}

export class ApiProblem extends Error {
  constructor(status, problem, retryAfter) {
    super(problem.detail || problem.title || `The control plane answered ${status}`)
    this.status = status
    this.errors = Array.isArray(problem.errors) ? problem.errors : []
    this.retryAfter = retryAfter
  }
}

const answerMs = 15_000

/** `{ body, etag, status }`; throws an ApiProblem, with status 0 when there was no answer. */
export async function ask(path, { method = 'GET', body, etag, signal, first = false } = {}) {
  const response = await send(path, {
    method,
    body,
    etag,
    signal: AbortSignal.any([AbortSignal.timeout(answerMs), ...(signal ? [signal] : [])]),
  })
  const told = await response.json().catch(() => ({}))
  if (!response.ok) throw refused(response, told, first)
  return { body: told, etag: response.headers.get('etag'), status: response.status }
}

async function send(path, { method, body, etag, signal, accept = 'application/json' }) {
  const headers = { accept }
  if (token !== null) headers.authorization = `Bearer ${token}`
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (etag) headers['if-match'] = etag
  const init = { method, headers, signal, cache: 'no-store', credentials: 'omit', redirect: 'error' }
  try {
    return await fetch(path, body === undefined ? init : { ...init, body: JSON.stringify(body) })
  } catch (cause) {
    if (signal?.aborted && signal.reason?.name !== 'TimeoutError') throw cause
    const detail = signal?.aborted
      ? 'The control plane does not answer. Try again in a moment.'
      : 'The control plane cannot be reached. Is it running?'
    throw new ApiProblem(0, { detail })
  }
}

function refused(response, told, first = false) {
  const problem = new ApiProblem(response.status, told, Number(response.headers.get('retry-after')) || null)
  if (response.status === 401 && !first) onLost(problem)
  return problem
}

/** Events as they come, until the signal; ends when the stream does. */
export async function* events(path, signal) {
  const response = await send(path, { method: 'GET', signal, accept: 'text/event-stream' })
  if (!response.ok) throw refused(response, await response.json().catch(() => ({})))
  let rest = ''
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + text.replaceAll('\r', '')).split('\n\n')
    rest = blocks.pop().slice(-1_000_000)
    for (const block of blocks) {
      const event = eventOf(block)
      if (event !== null) yield event
    }
  }
}

function eventOf(block) {
  const fields = block.split('\n').map((line) => /^(\w+): ?(.*)$/.exec(line))
  const data = fields.filter((field) => field?.[1] === 'data').map((field) => field[2])
  if (data.length === 0) return null
  try {
    return { kind: fields.find((field) => field?.[1] === 'event')?.[2] ?? 'message', data: JSON.parse(data.join('\n')) }
  } catch {
    return null
  }
}

/** Not before so long, unless the signal fires: then it throws. */
export function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => (clearTimeout(timer), reject(signal.reason)), { once: true })
  })
}
