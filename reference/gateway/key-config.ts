/** Where an issuer's keys come from, as it was configured: which settings are unsafe, and the keys that lie in files. */
import { readText } from './config-file.ts'
import { ConfigError } from './config-error.ts'
import type { GatewayConfig, Objection } from './config.ts'
import { importKey, importSecret, type TrustedIssuer } from './keyring.ts'
import { urlFault } from './fetch-reach.ts'

type Issuer = GatewayConfig['issuers'][number]

/** What is well formed and still must not run. */
export function unsafeKeys({ issuers }: Pick<GatewayConfig, 'issuers'>): Objection[] {
  return issuers.flatMap((issuer, at) =>
    [...oneSource(issuer), ...unsafeUrl(issuer), ...unsafeTimes(issuer), ...unwantedAlgorithms(issuer), ...twice(issuer)].map(
      ({ path, message }) => ({ path: ['issuers', at, ...path], message }),
    ),
  )
}

/** A secret among public keys would turn the one into the other: it is a set of its own, or none. */
function oneSource({ keys, jwks, sharedSecrets, algorithms }: Issuer): Objection[] {
  const sources = [keys.length > 0, jwks !== undefined, sharedSecrets.length > 0].filter(Boolean).length
  if (sources === 0) return [{ path: ['keys'], message: 'this issuer has no key: give it keys, a jwks, or sharedSecrets' }]
  if (sources > 1) return [{ path: ['keys'], message: 'keys come from one place: leave all but one of keys, jwks and sharedSecrets out' }]
  if (sharedSecrets.length > 0 && algorithms !== undefined)
    return [{ path: ['algorithms'], message: 'with sharedSecrets there is one algorithm, HS256: leave this out' }]
  return []
}

function unsafeUrl({ jwks }: Issuer): Objection[] {
  const message = jwks === undefined ? null : urlFault(jwks.url, jwks.privateNetwork)
  return message === null ? [] : [{ path: ['jwks', 'url'], message }]
}

function unsafeTimes({ jwks }: Issuer): Objection[] {
  if (jwks === undefined) return []
  const { cooldownSeconds, refreshSeconds, maxStaleSeconds } = jwks
  if (cooldownSeconds > refreshSeconds) return [{ path: ['jwks', 'cooldownSeconds'], message: 'must not be longer than refreshSeconds' }]
  if (refreshSeconds > maxStaleSeconds) return [{ path: ['jwks', 'maxStaleSeconds'], message: 'must not be shorter than refreshSeconds' }]
  return []
}

function unwantedAlgorithms({ algorithms: allowed, keys }: Issuer): Objection[] {
  return keys.flatMap(({ algorithm }, k) =>
    allowed === undefined || allowed.includes(algorithm)
      ? []
      : [{ path: ['keys', k, 'algorithm'], message: `this issuer signs by ${allowed.join(', ')} only` }],
  )
}

function twice(issuer: Issuer): Objection[] {
  return (['keys', 'sharedSecrets'] as const).flatMap((list) =>
    issuer[list].flatMap(({ id }, at) =>
      issuer[list].findIndex((other) => other.id === id) < at ? [{ path: [list, at, 'id'], message: 'this key id is there already' }] : [],
    ),
  )
}

/** With the keys that lie in files. Throws a ConfigError. */
export function readIssuer({ issuer, audience, keys, sharedSecrets }: Issuer): TrustedIssuer {
  return {
    issuer,
    audience,
    keys: [
      ...keys.map(({ id, algorithm, publicKey }) => importKey(id, algorithm, readText(publicKey), publicKey)),
      ...sharedSecrets.map(({ id, file }) => importSecret(id, readSecret(file))),
    ],
  }
}

const minSecretBytes = 32

function readSecret(file: string): Buffer {
  const text = readText(file).trim()
  const secret = Buffer.from(text, 'base64')
  if (secret.toString('base64').replace(/=+$/, '') !== text.replace(/=+$/, '')) throw new ConfigError(`${file}: this is no base64`)
  if (secret.length >= minSecretBytes) return secret
  throw new ConfigError(
    `${file}: a shared secret has at least ${minSecretBytes} bytes, this one ${secret.length} (openssl rand -base64 32)`,
  )
}
