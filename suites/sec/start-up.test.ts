/** What a client may not say of itself when it connects. */
import { expect } from 'vitest'
import type { LoginWish } from '../../fixtures/probe.ts'
import { wish } from '../kit.ts'
import { attemptRaw } from './raw-login.ts'

const spec = wish({ pooler: { poolSize: 1 } })

/** Identity and routing in every spelling that some reader of start-up packets takes. */
const overrides: Readonly<Record<string, NonNullable<LoginWish['startup']>>> = {
  'a parameter': { 'orochi.tenant_id': 'tenant-b' },
  'the signed claims': { 'orochi.claims': '{"p":"e30","s":"x","k":"c1"}' },
  'claims of the token': { 'request.jwt.claims': '{"tenant_id":"tenant-b"}' },
  'one claim': { 'request.jwt.claim.sub': 'somebody' },
  capitals: { 'OROCHI.Tenant_Id': 'tenant-b' },
  'a name nobody has set': { 'orochi.permission_level': 'super' },
  role: { role: 'postgres' },
  session_authorization: { session_authorization: 'postgres' },
  'routing hints': { 'pgdog.shard': '1' },
  'a routing key': { 'pgdog.sharding_key': 'tenant-b' },
  'a search path': { search_path: 'pg_temp' },
  row_security: { row_security: 'off' },
  'options: -c name=value': { options: '-c orochi.tenant_id=tenant-b' },
  'options: --name=value': { options: '--orochi.tenant_id=tenant-b' },
  'options: -cname=value': { options: '-corochi.tenant_id=tenant-b' },
  'options: + for a space': { options: '-c+orochi.tenant_id=tenant-b' },
  'options: a backslash before a letter': { options: '-c \\orochi.tenant_id=tenant-b' },
  'options: a backslash before a space': { options: '-c application_name=a\\ -c\\ b -c orochi.tenant_id=tenant-b' },
  'options: quotes': { options: `-c "orochi.tenant_id"='tenant-b'` },
  'options: capitals': { options: '-c OROCHI.TENANT_ID=tenant-b' },
  'options: dashes for underscores': { options: '--orochi.tenant-id=tenant-b' },
  'options: behind another': { options: '-c statement_timeout=5s -c orochi.tenant_id=tenant-b' },
  'options: a tab': { options: '-c\torochi.tenant_id=tenant-b' },
  'options: role': { options: '-c role=postgres' },
  'options: a switch of the server': { options: '-d 5' },
  'the same name twice': [
    ['orochi.tenant_id', 'tenant-a'],
    ['orochi.tenant_id', 'tenant-b'],
  ],
  'a harmless name twice': [
    ['application_name', 'a'],
    ['application_name', 'b'],
  ],
  'two spellings of a name': [
    ['application_name', 'a'],
    ['APPLICATION_NAME', 'b'],
  ],
  'options twice': [
    ['options', ''],
    ['options', '-c orochi.tenant_id=tenant-b'],
  ],
  'a name with a quote': { 'x" to 1; set orochi.tenant_id to "tenant-b': '1' },
  'a name with a space in front': { ' orochi.tenant_id': 'tenant-b' },
  'an empty name of a class': { '.tenant_id': 'tenant-b' },
}

const lookSql = `select orochi.tenant_id(), current_setting('orochi.tenant_id', true), session_user, current_setting('role'),
  coalesce(current_setting('orochi.permission_level', true), '')`

spec('SEC-122', async ({ stack, mint, prove }) => {
  const token = await mint({ claims: { tenant_id: 'tenant-a' } })
  await prove('refused', async () => {
    for (const [what, startup] of Object.entries(overrides)) {
      const { refusal } = await attemptRaw(stack, { token, startup })
      expect(refusal ?? 'a session', what).toMatch(/^FATAL (28000|0A000|22023|08P01)$/)
    }
  })
  await prove('untouched', async () => {
    const own = ['tenant-a', 'tenant-a', 'orochi_app', 'none', '']
    for (const [what, startup] of Object.entries(overrides)) {
      const { refusal, row } = await attemptRaw(stack, { token, startup, sql: lookSql })
      expect(refusal === null ? row : own, what).toEqual(own)
    }
    expect(
      await attemptRaw(stack, { token, sql: lookSql, startup: { options: '-c statement_timeout=5s' } }),
      'a session after all these',
    ).toEqual({
      refusal: null,
      row: own,
    })
  })
})
