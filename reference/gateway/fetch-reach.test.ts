import type { LookupAddress } from 'node:dns'
import { expect, test } from 'vitest'
import { lookupWithin, reaches, urlFault } from './fetch-reach.ts'

const outside = { loopback: false, privateNetwork: false }

test.each(['8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8'])('%s is within reach', (address) => {
  expect(reaches(address, outside)).toBe(true)
})

test.each([
  '169.254.169.254',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  '64:ff9b::a9fe:a9fe',
  '2002:a9fe:a9fe::1',
  'fd00:ec2::254',
  'fe80::1',
  'fe80::1%eth0',
  '100.100.100.200',
  '168.63.129.16',
  '0.0.0.0',
  '::',
  '224.0.0.1',
  '255.255.255.255',
  'no address',
  '',
])('%j is out of reach for everybody', (address) => {
  for (const loopback of [false, true])
    for (const privateNetwork of [false, true]) expect(reaches(address, { loopback, privateNetwork })).toBe(false)
})

test('this machine and private networks are for those who say so', () => {
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) {
    expect(reaches(address, outside)).toBe(false)
    expect(reaches(address, { loopback: true, privateNetwork: false })).toBe(true)
  }
  for (const address of ['10.0.0.1', '172.31.255.1', '192.168.0.1', '100.64.0.1', 'fc00::1']) {
    expect(reaches(address, outside)).toBe(false)
    expect(reaches(address, { loopback: false, privateNetwork: true })).toBe(true)
  }
  expect(reaches('8.8.8.8', { loopback: true, privateNetwork: true })).toBe(false)
})

test.each([
  ['https://issuer.test/jwks', null],
  ['http://127.0.0.1:8080/jwks', null],
  ['http://localhost/jwks', null],
  ['http://[::1]/jwks', null],
  ['http://issuer.test/jwks', /use https/],
  ['http://127.0.0.1.issuer.test/', /use https/],
  ['file:///etc/passwd', /an https URL/],
  ['ftp://issuer.test/', /an https URL/],
  ['no url', /an https URL/],
  ['https://user:secret@issuer.test/', /name or password/],
  ['https://169.254.169.254/latest/meta-data', /out of reach/],
  ['https://[::ffff:169.254.169.254]/', /out of reach/],
  ['https://2852039166/', /out of reach/],
  ['https://0xa9.0xfe.0xa9.0xfe/', /out of reach/],
  ['https://10.1.2.3/', /privateNetwork: true/],
])('%s', (url, fault) => {
  const found = urlFault(url, false)
  if (fault === null) expect(found).toBeNull()
  else expect(found).toMatch(fault)
})

function resolveTo(...rounds: readonly (readonly string[])[]) {
  let round = 0
  return (_: string, __: unknown, callback: (cause: null, found: LookupAddress[]) => void) =>
    callback(
      null,
      (rounds[round++] ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
}

test('a name that points elsewhere the second time leads nowhere', async () => {
  const look = lookupWithin(outside, resolveTo(['8.8.8.8', '127.0.0.1'], ['169.254.169.254'], ['127.0.0.1'], []))
  const answer = () => new Promise((resolve) => look('issuer.test', { all: true }, (cause, found) => resolve(cause?.code ?? found)))
  expect(await answer()).toEqual([{ address: '8.8.8.8', family: 4 }])
  for (let round = 0; round < 3; round++) expect(await answer()).toBe('OUT_OF_REACH')
})
