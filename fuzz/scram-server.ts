/** The server's side of SCRAM-SHA-256, written apart from the one that is under test; a script may bend each of its words. */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'

export interface ScramServer {
  /** Answers the client's first message. */
  challenge(clientFirst: string, bent: Bent): string
  /** The proof that this side knows the password. */
  final(clientFinal: string): string
}

export interface Bent {
  readonly nonce?: 'own' | 'empty'
  readonly salt?: string
  readonly iterations?: string
  readonly extra?: string
}

const hmac = (key: Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest()
const salt = createHash('sha256').update('a salt for all').digest().subarray(0, 16)
const iterations = 64
const salted = new Map<string, Buffer>()

function saltedPassword(password: string): Buffer {
  const known = salted.get(password) ?? pbkdf2Sync(password, salt, iterations, 32, 'sha256')
  salted.set(password, known)
  return known
}

export function scramServer(password: string): ScramServer {
  let first = ''
  let asked = ''
  return {
    challenge(clientFirst, bent) {
      first = clientFirst.replace(/^n,,/, '')
      const theirs = /r=([^,]*)/.exec(first)?.[1] ?? ''
      const nonce = bent.nonce === 'empty' ? '' : (bent.nonce === 'own' ? '' : theirs) + randomBytes(12).toString('base64')
      asked = `r=${nonce},s=${bent.salt ?? salt.toString('base64')},i=${bent.iterations ?? iterations}${bent.extra ?? ''}`
      return asked
    },
    final(clientFinal) {
      const signed = `${first},${asked},${clientFinal.replace(/,p=[^,]*$/, '')}`
      return `v=${hmac(hmac(saltedPassword(password), 'Server Key'), signed).toString('base64')}`
    },
  }
}
