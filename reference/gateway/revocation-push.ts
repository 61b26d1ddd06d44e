/** Takes revocations in on the operations port: a JSON list, from whoever knows the secret. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Write } from './audit.ts'
import type { OperationsAnswer, OperationsRequest, Routes } from './operations.ts'
import { readRevocations } from './revocations.ts'
import type { Standing } from './standing.ts'

/** Who may push. */
export interface PushAccess {
  readonly secret: Buffer
}

interface Surroundings {
  readonly standing: Standing
  readonly write: Write
}

/** `access` null: revocations are not taken in. */
export function pushRoutes(access: PushAccess | null, surroundings: Surroundings): Routes {
  return access === null ? {} : { 'POST /revocations': (request) => takePush(request, access, surroundings) }
}

function takePush({ authorization, body }: OperationsRequest, { secret }: PushAccess, { standing, write }: Surroundings): OperationsAnswer {
  if (!knows(authorization, secret)) return answer(401, { error: 'the secret is wanted as bearer token' })
  const revocations = readRevocations(body)
  if (revocations === null) return answer(400, { error: 'this is no list of revocations; nothing of it was taken' })
  const sessionsEnded = standing.push(revocations)
  if (sessionsEnded === null) return answer(507, { error: 'there is no room for so many; nothing was taken' })
  write('info', { event: 'revocation', outcome: 'taken', entries: revocations.length, sessionsEnded }, 'revocations were pushed')
  return answer(200, { taken: revocations.length, sessionsEnded })
}

function answer(status: number, body: object): OperationsAnswer {
  return { status, body: `${JSON.stringify(body)}\n`, contentType: 'application/json' }
}

/** Hashes are compared, so that neither length nor content can be timed. */
function knows(authorization: string | null, secret: Buffer): boolean {
  const shown = /^bearer (.+)$/i.exec(authorization ?? '')?.[1]
  return shown !== undefined && timingSafeEqual(digest(shown), digest(secret))
}

function digest(value: string | Buffer): Buffer {
  return createHash('sha256').update(value).digest()
}
