/** The server's side of SCRAM-SHA-256: challenge, then check of the proof, without channel binding. */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { hmac, sha256, xor, type ScramVerifier } from './scram-keys.ts'
import { checkNonce, readAttributes, readBase64, violation } from './scram-text.ts'

export interface ScramServer {
  /** Takes client-first-message, gives server-first-message. Throws a ProtocolViolation. */
  challenge(clientFirst: Buffer): Buffer
  /** Takes client-final-message; gives server-final-message, or null when the password is wrong. Throws a ProtocolViolation. */
  verify(clientFinal: Buffer): Buffer | null
}

/** One login. `nonce` is for tests only. */
export function scramServer(verifier: ScramVerifier, nonce = randomBytes(18).toString('base64')): ScramServer {
  let exchange: { readonly header: string; readonly bare: string; readonly nonce: string; readonly serverFirst: string } | null = null
  return {
    challenge(clientFirst) {
      const { header, bare, nonce: clientNonce } = readClientFirst(clientFirst.toString('utf8'))
      const joined = clientNonce + nonce
      const serverFirst = `r=${joined},s=${verifier.salt.toString('base64')},i=${verifier.iterations}`
      exchange = { header, bare, nonce: joined, serverFirst }
      return Buffer.from(serverFirst)
    },
    verify(clientFinal) {
      if (!exchange) throw violation('a SCRAM proof came before its challenge')
      const { bare, proof } = readClientFinal(clientFinal.toString('utf8'), exchange.header, exchange.nonce)
      const authMessage = `${exchange.bare},${exchange.serverFirst},${bare}`
      const clientKey = xor(proof, hmac(verifier.storedKey, authMessage))
      if (!timingSafeEqual(sha256(clientKey), verifier.storedKey)) return null
      return Buffer.from(`v=${hmac(verifier.serverKey, authMessage).toString('base64')}`)
    },
  }
}

/** gs2-header: `n,,` or `y,,` (the client could bind but believes we cannot: true). An authorisation identity is refused, as in Postgres. */
function readClientFirst(text: string): { header: string; bare: string; nonce: string } {
  const header = text.slice(0, 3)
  if (header !== 'n,,' && header !== 'y,,')
    throw violation('a client asked for SCRAM channel binding or another identity, which are not offered')
  const bare = text.slice(3)
  const [, nonce = ''] = readAttributes(bare, 'nr')
  return { header, bare, nonce: checkNonce(nonce) }
}

function readClientFinal(text: string, header: string, nonce: string): { bare: string; proof: Buffer } {
  const [binding, echoed] = readAttributes(text, 'cr')
  if (binding !== Buffer.from(header).toString('base64')) throw violation('a client changed its mind about SCRAM channel binding')
  if (echoed !== nonce) throw violation('a client sent another SCRAM nonce back')
  const at = text.lastIndexOf(',p=')
  if (at < 0) throw violation('a SCRAM message lacks its proof')
  const proof = readBase64(text.slice(at + 3))
  if (proof.length !== 32) throw violation('a SCRAM proof has the wrong length')
  return { bare: text.slice(0, at), proof }
}
