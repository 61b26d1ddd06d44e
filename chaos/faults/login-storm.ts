/** Very many clients of one tenant log in at once, each with a good token, and those who are let in stay. */
import { readFileSync } from 'node:fs'
import { openTlsProbe, ProbeError, type Probe } from '../../fixtures/probe.ts'
import { mint } from '../../fixtures/tokens.ts'
import type { Running } from '../../stack/launch.ts'
import { mainPort } from '../../stack/layout.ts'
import type { Stack } from '../../stack/stack.ts'
import { attemptLogin } from '../doorway.ts'
import { injectSteps, FaultWithoutEffect, type Fault } from '../fault.ts'
import { partFor, until } from '../looking.ts'

const name = 'login-storm'

export interface LoginStorm {
  readonly clients: number
  readonly tenant?: string
  /** How long each waits for any word, ms. */
  readonly patienceMs?: number
  /** Is told what came of each client once all have had an answer, or have given up. */
  readonly told?: (visits: readonly Visit[]) => void
}

/** What came of one client. `away`: it never got through to the gateway, `cut`: it was dropped without a word, `silent`: nothing came. */
export interface Visit {
  readonly outcome: 'in' | 'refused' | 'cut' | 'silent' | 'away'
  readonly sqlstate: string | null
  readonly said: string
  readonly ms: number
}

export default function loginStorm(wish: LoginStorm = { clients: 300 }): Fault {
  const { clients, tenant = 'tenant-b', patienceMs = 45_000, told } = wish
  return {
    name,
    needs: ['gateway', 'tls'],
    inject(stack, target, signal) {
      const part = partFor(stack, target, 'gateway', [])
      const inside: Probe[] = []
      let effect = ''
      const leave = () => Promise.all(inside.map((probe) => probe[Symbol.asyncDispose]()))
      return injectSteps(target, signal, {
        async harm() {
          const token = await tokenFor(stack, tenant)
          signal.addEventListener('abort', leave, { once: true })
          const visits = await Promise.all(Array.from({ length: clients }, () => visit(stack, part, token, patienceMs, inside)))
          signal.removeEventListener('abort', leave)
          signal.throwIfAborted()
          told?.(visits)
          const reached = visits.filter(({ outcome }) => outcome !== 'away').length
          effect = tellVisits(visits)
          if (reached < clients / 2) throw new FaultWithoutEffect(name, target, `${reached} of ${clients} clients got through to it`)
        },
        proveApplied: async () => `${clients} clients came to ${target} at once: ${effect}`,
        async cure() {
          await leave()
          return until(`${target} after the storm`, async () => {
            const answer = await attemptLogin(stack, part)
            return answer.answered ? `${target} answers those who come: ${answer.what}` : null
          })
        },
      })
    },
  }
}

async function tokenFor({ issuer }: Stack, tenant: string): Promise<string> {
  const { privateKeyFile, ...rest } = issuer
  return mint({ ...rest, privateKeyPem: readFileSync(privateKeyFile, 'utf8') }, { claims: { tenant_id: tenant } })
}

async function visit({ door, role }: Stack, part: Running, password: string, deadlineMs: number, inside: Probe[]): Promise<Visit> {
  const begun = performance.now()
  const over = (outcome: Visit['outcome'], said = '', sqlstate: string | null = null): Visit => ({
    outcome,
    said,
    sqlstate,
    ms: Math.round(performance.now() - begun),
  })
  try {
    const probe = await openTlsProbe(mainPort(part), door, { deadlineMs })
    inside.push(probe)
    const { ok, error, trouble } = await probe.logIn({ user: role, database: door.database, password })
    if (ok) return over('in')
    await probe[Symbol.asyncDispose]()
    return error === undefined ? over(outcomeOf(trouble), trouble?.message) : over('refused', error.message, error.sqlstate)
  } catch (error) {
    return over(outcomeOf(error), (error as Error).message)
  }
}

function outcomeOf(trouble: unknown): Visit['outcome'] {
  if (!(trouble instanceof ProbeError)) return 'away'
  if (trouble.code === 'refused') return 'away'
  return trouble.code === 'silent' ? 'silent' : 'cut'
}

function tellVisits(visits: readonly Visit[]): string {
  const counts = Map.groupBy(visits, ({ outcome, sqlstate }) => (sqlstate === null ? outcome : `${outcome} (${sqlstate})`))
  return [...counts].map(([outcome, { length }]) => `${length} ${outcome}`).join(', ')
}

export const trial = { targets: ['gateway-0'], topology: { gateway: { settings: { limits: { perTenant: { connections: 40 } } } } } }
