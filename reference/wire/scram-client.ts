/** The client's side of SCRAM-SHA-256: three steps, the last of which proves that the server knows the password too. */
import { pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { clientKeyOf, hmac, serverKeyOf, sha256, xor } from './scram-keys.ts'
import { checkNonce, readAttributes, readBase64, violation } from './scram-text.ts'

/** SaltedPassword by salt and rounds; one still being made is there already, so that logins at once make it once. */
export type SaltedCache = Map<string, Promise<Buffer>>

export interface ScramClientOptions {
  readonly password: string
  /** More rounds than this are refused: a hostile server must not burn our time. Default 100 000. */
  readonly maxIterations?: number
  /** Postgres takes the user from the start-up packet and ignores this one, which is empty by default. */
  readonly user?: string
  /** For tests only. */
  readonly nonce?: string
  /** Makes the next login with the same password cheap. */
  readonly saltedCache?: SaltedCache
}

export interface ScramClient {
  /** client-first-message, the data of SASLInitialResponse. */
  first(): Buffer
  /** Takes server-first-message, gives client-final-message. Rejects with a ProtocolViolation. The rounds are made beside the event loop. */
  proof(serverFirst: Buffer): Promise<Buffer>
  /** Takes server-final-message; throws a ProtocolViolation unless the server's signature is right. */
  finish(serverFinal: Buffer): void
}

export function scramClient(options: ScramClientOptions): ScramClient {
  const nonce = options.nonce ?? randomBytes(18).toString('base64')
  const firstBare = `n=${escapeName(options.user ?? '')},r=${nonce}`
  let serverSignature: Buffer | null = null
  return {
    // `n`: no channel binding is offered.
    first: () => Buffer.from(`n,,${firstBare}`),
    async proof(serverFirst) {
      const challenge = readChallenge(serverFirst.toString('utf8'), nonce, options.maxIterations ?? 100_000)
      const salted = await saltOnce(options, challenge.salt, challenge.iterations)
      const finalBare = `c=biws,r=${challenge.nonce}`
      const authMessage = `${firstBare},${serverFirst.toString('utf8')},${finalBare}`
      const clientKey = clientKeyOf(salted)
      serverSignature = hmac(serverKeyOf(salted), authMessage)
      return Buffer.from(`${finalBare},p=${xor(clientKey, hmac(sha256(clientKey), authMessage)).toString('base64')}`)
    },
    finish(serverFinal) {
      const [signature = ''] = readAttributes(serverFinal.toString('utf8'), 'v')
      const given = readBase64(signature)
      if (!serverSignature || given.length !== serverSignature.length || !timingSafeEqual(given, serverSignature)) {
        throw violation('the server could not prove that it knows the password')
      }
    },
  }
}

function readChallenge(text: string, ourNonce: string, maxIterations: number): { nonce: string; salt: Buffer; iterations: number } {
  const [nonce = '', salt = '', rounds = ''] = readAttributes(text, 'rsi')
  checkNonce(nonce)
  if (!nonce.startsWith(ourNonce) || nonce.length === ourNonce.length) throw violation('the server did not continue our SCRAM nonce')
  if (!/^[1-9][0-9]{0,8}$/.test(rounds) || Number(rounds) > maxIterations) throw violation('the server asked for too many SCRAM rounds')
  const saltBytes = readBase64(salt)
  if (saltBytes.length === 0) throw violation('the server sent an empty SCRAM salt')
  return { nonce, salt: saltBytes, iterations: Number(rounds) }
}

const escapeName = (user: string): string => user.replaceAll('=', '=3D').replaceAll(',', '=2C')

const derive = promisify(pbkdf2)

function saltOnce({ password, saltedCache }: ScramClientOptions, salt: Buffer, iterations: number): Promise<Buffer> {
  const key = `${iterations}:${salt.toString('base64')}`
  const known = saltedCache?.get(key)
  if (known) return known
  const salted = derive(Buffer.from(password, 'utf8'), salt, iterations, 32, 'sha256')
  saltedCache?.set(key, salted)
  return salted
}
