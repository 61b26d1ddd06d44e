import { expect, test } from 'vitest'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { leaseStoreSchema, unsafeLeases } from './config.ts'
import { connectionOf } from './keep.ts'

const parse = (more: object) => leaseStoreSchema.parse({ url: 'postgres://gateway@127.0.0.1:5432/leases', whenAway: 'refuse', ...more })
const objections = (more: object) => unsafeLeases({ leaseStore: parse(more) }).map(({ path, message }) => `${path.join('.')}: ${message}`)

test('a store on this machine, or one whose certificate is checked', () => {
  expect(unsafeLeases({})).toEqual([])
  expect(objections({})).toEqual([])
  expect(objections({ url: 'postgres://gateway@store.example.org/leases', tls: { ca: 'ca.pem' } })).toEqual([])
  expect(objections({ url: 'postgres://gateway@10.0.0.1/leases', tls: 'off' })).toEqual([])
})

test.each([
  [{ url: 'https://127.0.0.1/leases' }, /^leaseStore\.url: is no URL of a PostgreSQL database/],
  [{ url: 'postgres://127.0.0.1' }, /^leaseStore\.url: is no URL/],
  [{ url: 'postgres://127.0.0.1/leases?sslmode=disable' }, /^leaseStore\.url: takes no parameters/],
  [{ url: 'postgres://gateway:word@127.0.0.1/leases', passwordFile: 'p' }, /^leaseStore\.passwordFile: there is a password/],
  [{ url: 'postgres://gateway@store.example.org/leases' }, /^leaseStore\.tls: must be given for a store on another machine/],
  [{ leaseSeconds: 2, timeoutMs: 1001 }, /^leaseStore\.leaseSeconds: must be at least twice timeoutMs/],
])('%j is refused', (more, message) => {
  expect(objections(more)).toEqual([expect.stringMatching(message)])
})

test('the password from its file, and the certificate by its name', () => {
  const dir = mkdtempSync(join(tmpdir(), 'lease-store-'))
  try {
    const [passwordFile, ca] = [join(dir, 'password'), join(dir, 'ca.pem')]
    writeFileSync(passwordFile, 'open sesame\n')
    writeFileSync(ca, 'PEM')
    const connection = connectionOf(parse({ passwordFile, tls: { ca, serverName: 'store.internal' } }))
    expect(connection).toMatchObject({ host: '127.0.0.1', port: 5432, user: 'gateway', database: 'leases', password: 'open sesame' })
    expect(connection.ssl).toEqual({ ca: 'PEM', servername: 'store.internal', host: 'store.internal', rejectUnauthorized: true })
    expect(connectionOf(parse({ tls: 'off' })).ssl).toBe(false)
  } finally {
    rmSync(dir, { recursive: true })
  }
})
