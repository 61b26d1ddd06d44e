/** What an answer that is no success means to the person who asked. */
import { Failure, type FailureCode } from './failure.ts'
import { problemShape } from './shapes.ts'
import { printable } from './terminal.ts'

export function failureOf(response: Response, text: string, url: URL): Failure {
  const { status } = response
  const said = problemText(text)
  const message = `${url.host} answered ${status}${said === '' ? '' : `: ${said}`}`
  const [code, next] = meaningOf(status, response.headers)
  return new Failure(code, message, next)
}

function meaningOf(status: number, headers: Headers): readonly [FailureCode, string] {
  const row = meanings[status]
  if (row !== undefined) return row
  if (status === 429 || status === 503) return ['failed', `try again ${whenOf(headers)}`]
  if (status >= 300 && status < 400)
    return ['failed', 'the token is not sent elsewhere: name the address it points to by --url, if you trust it']
  return ['failed', status >= 500 ? 'look at the log of the control plane' : 'change what it objects to, and ask again']
}

const meanings: Readonly<Record<number, readonly [FailureCode, string]>> = {
  401: ['not_authorised', 'give a token that is valid now by --token-file or OROCHI_TOKEN'],
  403: ['not_authorised', 'ask for a token with the permission to do this'],
  404: ['not_found', 'see what there is: orochi cluster list'],
  409: ['conflict', 'look at its state (orochi cluster list), and ask again when it has settled'],
  412: ['conflict', 'look at what is there now (orochi cluster pooler status), then configure again'],
  422: ['failed', 'change the settings it names, and configure again'],
}

/** A number of seconds or a date. */
function whenOf(headers: Headers): string {
  const text = headers.get('retry-after') ?? ''
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - Date.now()) / 1000)
  return Number.isFinite(seconds) ? `in ${Math.max(seconds, 1)} s` : 'in a moment'
}

function problemText(text: string): string {
  try {
    const problem = problemShape.parse(JSON.parse(text))
    const parts = [problem.detail ?? problem.title ?? '', ...(problem.errors ?? []).slice(0, 20).map(errorText)]
    return printable(parts.filter((part) => part !== '').join('; ')).slice(0, 2000)
  } catch {
    return ''
  }
}

/** `{ pointer | path | field, detail | message }`, or a text. */
function errorText(error: unknown): string {
  if (typeof error === 'string') return error
  const row = (error ?? {}) as Readonly<Record<string, unknown>>
  const texts = [row['pointer'] ?? row['path'] ?? row['field'], row['detail'] ?? row['message']]
  return texts
    .map((part) => (Array.isArray(part) ? part.join('.') : part))
    .filter((part) => typeof part === 'string')
    .join(': ')
}
