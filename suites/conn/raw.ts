/** The raw-byte client, logged in through the front door: for what drivers hide. */
import { expect } from 'vitest'
import { answered, openTlsProbe, type Probe } from '../../fixtures/probe.ts'
import type { Trial } from '../kit.ts'

/** A login that fails is an assertion that fails: open it inside `prove`, or where its failure is expected. The probe is the caller's. */
export async function openRaw({ stack, mint }: Pick<Trial<'CONN-001'>, 'stack' | 'mint'>): Promise<Probe> {
  const { door } = stack
  const probe = await answered(openTlsProbe(door, { ca: door.ca, servername: door.servername }), 'TLS')
  const login = await probe.logIn({ user: 'tenant_user', database: door.database, password: await mint() })
  expect(login.error ?? login.trouble, 'a raw login').toBeUndefined()
  return probe
}
