import { expect, test } from 'vitest'
import { readOptions, splitWords } from './options-text.ts'
import { readWishes } from './parameters.ts'
import { Refusal } from './reasons.ts'

const wishesOf = (parameters: Record<string, string>) =>
  readWishes({
    kind: 'startup',
    major: 3,
    minor: 0,
    parameters: Object.entries({ user: 'tenant_user', database: 'orochi', ...parameters }),
  })

const reasonOf = (parameters: Record<string, string>): string => {
  try {
    wishesOf(parameters)
    return 'taken'
  } catch (cause) {
    return cause instanceof Refusal ? cause.reason : String(cause)
  }
}

test('what drivers send is passed on, by its proper name', () => {
  const sent = {
    APPLICATION_NAME: 'psql',
    client_encoding: 'UTF8',
    datestyle: 'ISO',
    timezone: 'Europe/Zurich',
    extra_float_digits: '3',
    lock_timeout: '5s',
  }
  expect(Object.fromEntries(wishesOf(sent).settings)).toEqual({
    application_name: 'psql',
    client_encoding: 'UTF8',
    DateStyle: 'ISO',
    TimeZone: 'Europe/Zurich',
    extra_float_digits: '3',
    lock_timeout: '5s',
  })
})

test.each([
  'orochi.claims',
  'orochi.tenant_id',
  'OROCHI.Claims',
  'request.jwt.claims',
  'request.jwt.claim.sub',
  'pgdog.shard',
  'PgDog.role',
  'role',
  'ROLE',
  'session_authorization',
])('%s is not for clients to set, in any spelling', (name) => {
  // prettier-ignore
  expect(reasonOf({ [name]: 'x' })).toBe('forbidden_parameter')
  const spellings = [
    `-c ${name}=x`,
    `-c${name}=x`,
    `--${name}=x`,
    `-c statement_timeout=1s -c ${name}=x`,
    `-c ${name}=x\\ y`,
    `\t-c\n${name}=x+y`,
  ]
  for (const options of spellings) expect(reasonOf({ options })).toBe('forbidden_parameter')
  for (const options of [`-c "${name}"=x`, `-c  \\ ${name}=x`]) expect(reasonOf({ options })).not.toBe('taken')
})

test.each(['search_path', 'row_security', 'standard_conforming_strings', 'local_preload_libraries', '', 'x"; drop', 'plain.dotted'])(
  '%s is not passed on',
  (name) => expect(reasonOf({ [name]: 'x' })).toBe('unsupported_parameter'),
)

test.each([
  ['-c statement_timeout=1s', [['statement_timeout', '1s']]],
  [
    '-cstatement_timeout=1s --lock-timeout=2s',
    [
      ['statement_timeout', '1s'],
      ['lock_timeout', '2s'],
    ],
  ],
  ['  -c   application_name=my\\ app\\\\x  ', [['application_name', 'my app\\x']]],
  ['-c TimeZone=a=b', [['TimeZone', 'a=b']]],
  ['', []],
])('options %j are read as Postgres reads them', (text, settings) => {
  // prettier-ignore
  expect(readOptions(text)).toEqual(settings)
})

test.each(['-c', '-c statement_timeout', '-c =x', '--', '-B 5', '-d 5', 'statement_timeout=1', '-c x=1 trailing'])(
  'options %j are refused',
  (options) => {
    expect(['unsupported_parameter', 'bad_parameter']).toContain(reasonOf({ options }))
  },
)

test('a backslash at the end is dropped, as in Postgres', () => {
  expect(splitWords('a\\ b c\\')).toEqual(['a b', 'c'])
})

test('what stands in the packet wins over options', () => {
  expect(wishesOf({ options: '-c lock_timeout=1s', lock_timeout: '2s' }).settings.get('lock_timeout')).toBe('2s')
})

test('only values that survive a pooler are passed on', () => {
  expect(reasonOf({ TimeZone: 'Zürich' })).toBe('bad_parameter')
  expect(reasonOf({ TimeZone: 'a\nb' })).toBe('bad_parameter')
  expect(reasonOf({ TimeZone: 'x'.repeat(256) })).toBe('bad_parameter')
  expect(wishesOf({ application_name: 'müller\n🐍' + 'x'.repeat(100) }).settings.get('application_name')).toMatch(/^m\?ller\?\?{1,2}x+$/)
})

test.each(['true', 'ON', '1', 'database', 'yes'])('replication=%s is a wish of its own, and no setting', (replication) => {
  expect(wishesOf({ replication })).toMatchObject({ replication: replication.toLowerCase(), settings: new Map() })
})

test('what Postgres would not understand there is refused', () => {
  expect(reasonOf({ replication: 'perhaps' })).toBe('bad_parameter')
})

test.each(['false', 'off', 'no', '0'])('replication=%s asks for nothing', (replication) => {
  expect(wishesOf({ replication })).toMatchObject({ replication: null, settings: new Map() })
})

test('the database is named like the user unless it is said, options of the protocol are told apart', () => {
  expect(wishesOf({ database: '' }).database).toBe('tenant_user')
  expect(wishesOf({ '_pq_.command_tag': '1' }).unknownOptions).toEqual(['_pq_.command_tag'])
})

test('a parameter said twice, or no user, breaks the protocol', () => {
  expect(reasonOf({ USER: 'x' })).toBe('protocol_violation')
  expect(reasonOf({ user: '' })).toBe('protocol_violation')
})

test.each([
  ['eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyLTEifQ.c2lnbmF0dXJl', '(masked)'],
  ['report eyJhbGciOiJSUzI1NiJ9', 'report (masked)'],
  ['a-rather-long-application.production-eu', 'a-rather-long-application.production-eu'],
])('an application called %s is %s from here on: everybody can see that name', (name, passedOn) => {
  expect(wishesOf({ application_name: name }).settings.get('application_name')).toBe(passedOn)
})
