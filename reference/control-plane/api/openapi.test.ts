import Ajv from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { credential, raise, type Raised } from '../testing/raise.ts'

interface Media {
  readonly schema: object
}
interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> }
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>>; readonly headers?: object }>>
}
interface Document {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: object
}

let plane: Raised
let document: Document
let ajv: InstanceType<typeof Ajv.default>
beforeAll(async () => {
  plane = await raise()
  await plane.create('acme')
  document = (await plane.ask('GET', '/openapi.json')).body as unknown as Document
  ajv = new Ajv.default({ strict: false, validateFormats: false, allErrors: true })
  ajv.addSchema(document, 'api')
})
afterAll(() => plane[Symbol.asyncDispose]())

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )

const pointer = (...parts: string[]) =>
  `api#/${parts.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`

test('the document is of OpenAPI 3.1 and has every promised call', () => {
  expect(document.openapi).toBe('3.1.0')
  const calls = operations().map(({ path, method }) => `${method.toUpperCase()} ${path}`)
  expect(calls).toEqual(
    expect.arrayContaining([
      'GET /api/v1/clusters/{id}/pooler',
      'PATCH /api/v1/clusters/{id}/pooler',
      'GET /api/v1/clusters/{id}/pooler/stats',
      'POST /api/v1/clusters/{id}/pooler/reload',
      'POST /api/v1/clusters/{id}/wake',
      'GET /api/v1/clusters/{id}/status',
      'GET /api/v1/internal/clusters/{id}/state',
      'POST /api/v1/internal/clusters/{id}/wake',
    ]),
  )
})

interface Told {
  readonly status: number
  readonly type: string
  readonly text: string
}

/** Everything that comes back is as the document says. */
function expectDocumented(path: string, method: string, { status, type, text }: Told): void {
  const response = document.paths[path]?.[method]?.responses[status]
  expect(response, `${method} ${path} answered ${status}, which is not documented: ${text}`).toBeDefined()
  const media = Object.keys(response!.content ?? {}).find((each) => type.startsWith(each))
  expect(media, `${method} ${path} ${status}: ${type}`).toBeDefined()
  if (media === 'text/event-stream') return
  const schema = pointer('paths', path, method, 'responses', String(status), 'content', media!, 'schema')
  const valid = ajv.validate({ $ref: schema }, JSON.parse(text))
  expect(valid, `${method} ${path} ${status}: ${JSON.stringify(ajv.errors)} in ${text}`).toBe(true)
}

async function send(method: string, path: string, body: string | null, headers: Record<string, string>): Promise<Told> {
  const over = new AbortController()
  const response = await fetch(plane.base + path, { method, headers, ...(body === null ? {} : { body }), signal: over.signal })
  const type = response.headers.get('content-type') ?? ''
  if (type.startsWith('text/event-stream')) return (over.abort(), { status: response.status, type, text: '' })
  return { status: response.status, type, text: await response.text() }
}

const names = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom('acme', 'acme', 'main', 'f1') },
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
)

/** Sometimes as wanted, sometimes nearly, sometimes nothing of the kind. */
const spec = fc.record(
  {
    enabled: fc.boolean(),
    mode: fc.constantFrom('transaction', 'session', 'statement', null),
    max_connections: fc.oneof(fc.integer(), fc.constantFrom(1, 50, 1e6, 1.5, '7')),
    idle_timeout_seconds: fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.double()),
    read_write_split: fc.boolean(),
    sharding_enabled: fc.boolean(),
    default_shard_count: fc.integer({ min: -1, max: 2000 }),
  },
  { requiredKeys: [] },
)
const bodies = fc.oneof(
  spec.map((value) => JSON.stringify(value)),
  fc
    .record({ id: names, spec: fc.record({ pooler: spec, sleep: fc.jsonValue() }, { requiredKeys: [] }) }, { requiredKeys: ['id'] })
    .map((value) => JSON.stringify(value)),
  fc
    .record({ database: names, standby: fc.constantFrom('warm', 'cold', 'hot'), force: fc.boolean() }, { requiredKeys: [] })
    .map((value) => JSON.stringify(value)),
  fc.json(),
  fc.string(),
  fc.constant(null),
)
const headers = fc.record(
  {
    'if-match': fc.constantFrom('*', '*', '*', '"1"', '"2"', 'W/"1"', '1', '"', ',,,'),
    'content-type': fc.constantFrom(
      'application/json',
      'application/merge-patch+json',
      'text/plain',
      'application/json; charset=utf-16',
      'multipart/form-data',
    ),
    'last-event-id': fc.constantFrom('0', '-1', 'x', '99999999999999999999'),
  },
  { requiredKeys: [] },
)
const queries = fc.oneof(
  fc.constant(''),
  fc.webQueryParameters().map((query) => `?${query}`),
  fc.constantFrom('?limit=0', '?limit=1e9', '?after=', '?after=-1', '?cluster=acme', '?limit=2&after=acme'),
)

test('whatever is sent: an answer that the document knows, and never that something went wrong here', async () => {
  const all = operations()
  await fc.assert(
    fc.asyncProperty(fc.nat(all.length - 1), names, names, queries, bodies, headers, async (at, id, branch, query, body, more) => {
      const { path, method } = all[at]!
      // It would be gone for all that comes after.
      fc.pre(method !== 'delete' || id !== 'acme' || path.includes('/branches/'))
      const filled = path
        .replace('{id}', encodeURIComponent(id.toWellFormed()))
        .replace('{branch}', encodeURIComponent(branch.toWellFormed()))
      // What a browser would make of these is another path.
      fc.pre(!/\/\.{0,2}(?:\/|$)/.test(filled) && !/%2e/i.test(filled))
      const authorization = path.includes('/internal/') ? { authorization: `Bearer ${credential}` } : {}
      const token = { authorization: `Bearer ${plane.token}` }
      const told = await send(method.toUpperCase(), filled + query, method === 'get' ? null : body, { ...token, ...authorization, ...more })
      expect(told.status).not.toBe(500)
      expectDocumented(path, method, told)
    }),
    { numRuns: 300, interruptAfterTimeLimit: 12_000, markInterruptAsFailure: false },
  )
})

test('without a token, or elsewhere: problems, as they are documented', async () => {
  for (const { path, method } of operations()) {
    const filled = path.replace('{id}', 'acme').replace('{branch}', 'f1')
    const told = await send(method.toUpperCase(), filled, null, {})
    expect(told.status).toBe(401)
    expectDocumented(path, method, told)
  }
  for (const [method, path, status] of [
    ['GET', '/nowhere', 404],
    ['GET', '/api/v1/nowhere', 404],
    ['DELETE', '/api/v1/clusters/acme/pooler', 405],
    ['POST', '/api/v1/clusters/acme/status', 405],
  ] as const) {
    const answer = await plane.ask(method, path)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json'])
  }
  expect((await plane.ask('PATCH', '/api/v1/clusters/acme/pooler', `{"x":"${'y'.repeat(70_000)}"}`, { 'if-match': '*' })).status).toBe(413)
})
