/** Which control plane to ask, and as whom: flags win over the environment, the environment over the file. */
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parseDocument } from 'yaml'
import { z } from 'zod'
import { Failure } from './failure.ts'
import type { Surroundings } from './terminal.ts'

export interface SettingFlags {
  readonly url?: string
  readonly tokenFile?: string
  readonly timeout?: number
  readonly config?: string
  readonly allowPlainHttp?: true
}

export interface Settings {
  readonly url: URL
  readonly token: string | null
  readonly timeoutMs: number
}

type Env = Surroundings['env']

const fileSchema = z.strictObject({
  url: z.string().optional(),
  token_file: z.string().optional(),
  timeout_seconds: z.number().positive().max(3600).optional(),
})

export function readSettings(flags: SettingFlags, env: Env): Settings {
  const file = readFile(flags, env)
  const url = flags.url ?? given(env, 'OROCHI_URL') ?? file.url
  if (url === undefined) throw new Failure('usage', 'no control plane is named', 'give --url, or set OROCHI_URL')
  const seconds = flags.timeout ?? secondsOf(given(env, 'OROCHI_TIMEOUT')) ?? file.timeout_seconds ?? 10
  return { url: checkUrl(url, flags.allowPlainHttp === true), token: readToken(flags, env, file.token_file), timeoutMs: seconds * 1000 }
}

/** An empty variable counts as none. */
const given = (env: Env, name: string) => env[name] || undefined

function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const seconds = Number(text)
  if (seconds > 0 && seconds <= 3600) return seconds
  throw new Failure('usage', 'OROCHI_TIMEOUT is not a number of seconds from 1 to 3600', 'set it right, or unset it')
}

function readFile(flags: SettingFlags, env: Env): z.infer<typeof fileSchema> {
  const named = flags.config ?? given(env, 'OROCHI_CONFIG')
  const file = named ?? join(given(env, 'XDG_CONFIG_HOME') ?? join(given(env, 'HOME') ?? homedir(), '.config'), 'orochi', 'config.yaml')
  const text = readText(file, named === undefined)
  if (text === null) return {}
  const document = parseDocument(text)
  const parsed = fileSchema.safeParse(document.errors.length > 0 ? null : (document.toJS() ?? {}))
  if (!parsed.success) throw new Failure('usage', `${file}: ${faultOf(document.errors, parsed.error)}`, fileAdvice)
  const { token_file } = parsed.data
  return token_file === undefined ? parsed.data : { ...parsed.data, token_file: resolve(dirname(file), token_file) }
}

const fileAdvice = 'it is YAML and knows the keys url, token_file and timeout_seconds; a token lies in a file of its own'

/** Never with a value: somebody may have put a token there. */
function faultOf(errors: readonly { readonly code: string }[], fault: z.ZodError): string {
  if (errors.length > 0) return 'is not YAML'
  const [issue] = fault.issues
  if (issue?.code === 'unrecognized_keys') return `the key ${issue.keys.join(', ')} is not known`
  return `the key ${issue?.path.join('.') ?? ''} is not right`
}

function readText(file: string, mayLack: boolean): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
    if (mayLack && (code === 'ENOENT' || code === 'ENOTDIR')) return null
    throw new Failure('usage', `${file} cannot be read (${code})`, 'name a file that is there and that you may read', cause)
  }
}

function readToken(flags: SettingFlags, env: Env, fromFile: string | undefined): string | null {
  const named = flags.tokenFile ?? (given(env, 'OROCHI_TOKEN') === undefined ? (given(env, 'OROCHI_TOKEN_FILE') ?? fromFile) : undefined)
  const token = (named === undefined ? env['OROCHI_TOKEN'] : (readText(named, false) ?? ''))?.trim()
  if (token === undefined || token === '') {
    if (named !== undefined) throw new Failure('usage', `${named} is empty`, 'put a token into it, and nothing else')
    return null
  }
  if (/^[\x21-\x7e]+$/.test(token)) return token
  throw new Failure('usage', `${named ?? 'OROCHI_TOKEN'} holds something that is no token`, 'put a token there, and nothing else')
}

function checkUrl(text: string, plainAllowed: boolean): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new Failure('usage', 'the address of the control plane is no http(s) URL', 'write it like https://control.example.com')
  }
  if (url.username !== '' || url.password !== '') {
    throw new Failure('usage', 'the address of the control plane holds a name or password', 'leave them out: a token says who you are')
  }
  if (url.protocol === 'http:' && !plainAllowed && !isHere(url.hostname)) {
    throw new Failure('usage', `${url.host} would get your token over an unprotected line`, 'use https, or --allow-plain-http if you must')
  }
  return url
}

const isHere = (host: string) =>
  host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host)
