import { expect, test } from 'vitest'
import { decodeBackend, frameOf } from '../wire/index.ts'
import { reasonsTable, tableInReadme } from './reasons-table.ts'
import { reasons, Refusal, refusalMessage, type Reason } from './reasons.ts'

const all = Object.keys(reasons) as Reason[]
const secret = 'canary-of-a-token'

function fieldsOf(refusal: Refusal): ReadonlyMap<string, string> {
  const message = decodeBackend(frameOf(refusalMessage(refusal, reasons)))
  if (message.kind !== 'error-response') throw new Error(`a refusal is an error, not ${message.kind}`)
  return message.fields
}

test.each(all)('%s: a FATAL error of its SQLSTATE and words, and nothing of what we know', (reason) => {
  const notes = { detail: secret, claim: secret, sub: secret, tenant: secret, issuer: secret, parameter: `${secret}; select` }
  const fields = fieldsOf(new Refusal(reason, notes))
  expect(Object.fromEntries(fields)).toEqual({ S: 'FATAL', V: 'FATAL', C: reasons[reason].sqlstate, M: reasons[reason].wording })
})

test.each(all)('%s: a SQLSTATE of five characters, words in ASCII, and info unless an operator must look', (reason) => {
  const { sqlstate, wording, level } = reasons[reason]
  expect(sqlstate).toMatch(/^[0-9A-Z]{5}$/)
  expect(wording).toMatch(/^[\x20-\x7e]+$/)
  const ours =
    reason.startsWith('upstream_') ||
    reason === 'internal_error' ||
    reason === 'audit_unavailable' ||
    reason === 'too_many_tokens' ||
    reason === 'tenant_places_unknown' ||
    /^(?:keys_un|revocations_un)/.test(reason)
  expect(level === 'info').toBe(!ours)
})

test('everything about the identity looks the same from outside, but to the holder of a good token who asks for another role', () => {
  expect(reasons.role_mismatch.sqlstate).toBe('42501')
  const identity = all.filter((reason) =>
    /^(token_(?!too)|token_too|invalid_|malformed_|missing_|unknown_|route_|unsupported_algorithm|wrong_)/.test(reason),
  )
  expect(identity).toHaveLength(20)
  expect(new Set(identity.map((reason) => refusalMessage(new Refusal(reason), reasons).toString('hex'))).size).toBe(1)
  for (const reason of identity) expect(reasons[reason].sqlstate).toBe('28000')
})

test('the name of a parameter is said back when it is a harmless word', () => {
  expect(fieldsOf(new Refusal('forbidden_parameter', { parameter: 'orochi.claims' })).get('M')).toContain('"orochi.claims"')
})

test('the README shows the table (node reference/gateway/reasons-table.ts writes it there)', () => {
  expect(tableInReadme()).toBe(reasonsTable())
})
