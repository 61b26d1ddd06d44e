/** Tokens whose headers say where their key is to be had, or bring it along. */
import type { Trial } from '../kit.ts'
import type { Lure } from './lure.ts'

export interface PointerWish {
  readonly lure: Lure
  /** The key that the header offers. */
  readonly jwk: object
  /** PEM. */
  readonly certificate: string
  /** PKCS 8 PEM of a stranger; left out: the issuer itself signs. */
  readonly signedBy?: string
}

/** The key is named as the issuer's own and, when a stranger signs, also by a name of its own. */
export async function mintPointers(
  mint: Trial<'JWT-106'>['mint'],
  { lure, jwk, certificate, signedBy }: PointerWish,
): Promise<Record<string, string>> {
  const x5c = [certificate.replaceAll(/-----[^-]+-----|\s/g, '')]
  const fields: Readonly<Record<string, Record<string, unknown>>> = {
    jku: { jku: lure.url },
    x5u: { x5u: lure.url },
    jwk: { jwk },
    x5c: { x5c },
    'a thumbprint': { 'x5t#S256': 'A'.repeat(43) },
    'all of them': { jku: lure.url, x5u: lure.url, jwk, x5c },
    'a jku that is a file': { jku: `file://${lure.file}` },
  }
  const tokens: Record<string, string> = {}
  for (const [what, header] of Object.entries(fields)) {
    tokens[what] = await mint({ header, ...(signedBy && { signedBy }) })
    if (signedBy !== undefined)
      tokens[`${what}, and a key of another name`] = await mint({ header: { ...header, kid: 'k-of-a-stranger' }, signedBy })
  }
  return tokens
}
