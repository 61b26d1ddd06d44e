/** A self-signed certificate for 127.0.0.1, so that unit tests can speak TLS without a file in the repository. */
import { generateKeyPairSync, sign } from 'node:crypto'

export interface TestCertificate {
  readonly cert: string
  readonly key: string
}

/** The days are from now; one that signed itself is its own authority. */
export function makeCertificate(fromDays = -1, toDays = 365): TestCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const algorithm = sequence(hex('06082a8648ce3d040302')) // ecdsa-with-SHA256
  const name = sequence(der(0x31, sequence(hex('0603550403'), der(0x0c, Buffer.from('127.0.0.1')))))
  const validity = sequence(utcTime(fromDays), utcTime(toDays))
  const alternative = sequence(hex('0603551d11'), der(0x04, sequence(hex('87047f000001')))) // subjectAltName: IP 127.0.0.1
  const body = sequence(hex('a003020102'), hex('020101'), algorithm, name, validity, name, spki, der(0xa3, sequence(alternative)))
  const certificate = sequence(body, algorithm, der(0x03, hex('00'), sign('sha256', body, privateKey)))
  return { cert: pem(certificate), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const length = content.length < 0x80 ? Buffer.from([content.length]) : Buffer.from([0x82, content.length >> 8, content.length & 0xff])
  return Buffer.concat([Buffer.from([tag]), length, content])
}

const sequence = (...parts: Buffer[]): Buffer => der(0x30, ...parts)
const hex = (text: string): Buffer => Buffer.from(text, 'hex')

function utcTime(daysFromNow: number): Buffer {
  const iso = new Date(Date.now() + daysFromNow * 86_400_000).toISOString()
  return der(0x17, Buffer.from(`${iso.slice(2, 19).replaceAll(/[-:T]/g, '')}Z`))
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
