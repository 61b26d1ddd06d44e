/** Asks a foreign gateway what it can do at all, so that the rest is told as unsupported and only what it does wrong counts against it. */
import type { Capability } from '../../spec/capability.ts'
import { openProbe, openTlsProbe, ProbeError, type Probe } from '../../fixtures/probe.ts'
import type { Address } from '../launch.ts'

export interface ProbeTerms {
  readonly address: Address
  readonly ca: string | null
  readonly servername: string
  readonly user: string
  readonly database: string
  /** A good one. */
  readonly token: string
  /** Null: none was named. */
  readonly metricsUrl: string | null
  /** Lines it has logged so far. */
  readonly log: () => readonly string[]
}

export interface Abilities {
  readonly offers: readonly Capability[]
  /** Capability → why it is not there. */
  readonly lacks: Readonly<Partial<Record<Capability, string>>>
  /** Whether clients must come with TLS. */
  readonly tls: boolean
}

const deadlineMs = 5_000

export async function probeGateway(terms: ProbeTerms): Promise<Abilities> {
  const tls = await trouble(async () => await within(await openSecure(terms), async () => {}))
  const open = tls === null ? () => openSecure(terms) : () => openProbe(terms.address, { deadlineMs })
  const gateway = await trouble(async () => await within(await open(), (probe) => logIn(probe, terms)))
  const found: Readonly<Partial<Record<Capability, string | null>>> = {
    gateway: gateway && `it does not let a client with a good token in: ${gateway}`,
    tls: tls && `it does not end TLS: ${tls}`,
    'audit-log': terms.log().some(isLoginRecord) ? null : 'it wrote no JSON record with "event":"login" at a login',
    'gateway-metrics': await lackOfMetrics(terms.metricsUrl),
    'clock-shift': 'the clock of a foreign gateway cannot be moved',
  }
  const names = Object.keys(found) as Capability[]
  return {
    offers: names.filter((name) => found[name] === null),
    lacks: Object.fromEntries(names.flatMap((name) => (found[name] === null ? [] : [[name, found[name]!]]))),
    tls: tls === null,
  }
}

function openSecure({ address, ca, servername }: ProbeTerms): Promise<Probe> {
  if (ca === null) throw new ProbeError('tls', 'no authority was named to check it with')
  return openTlsProbe(address, { ca, servername }, { deadlineMs })
}

async function within(probe: Probe, act: (probe: Probe) => Promise<void>): Promise<void> {
  await using held = probe
  await act(held)
}

async function logIn(probe: Probe, { user, database, token }: ProbeTerms): Promise<void> {
  const login = await probe.logIn({ user, database, password: token })
  if (!login.ok)
    throw new Error(login.error === undefined ? (login.trouble?.message ?? 'no answer') : `${login.error.sqlstate} ${login.error.message}`)
  const { ok, errors, trouble: end } = await probe.query('select 1')
  if (!ok)
    throw new Error(`select 1: ${errors[0] === undefined ? (end?.message ?? 'no answer') : `${errors[0].sqlstate} ${errors[0].message}`}`)
}

/** Null when all went well. */
async function trouble(act: () => Promise<void>): Promise<string | null> {
  try {
    await act()
    return null
  } catch (error) {
    return (error as Error).message
  }
}

function isLoginRecord(line: string): boolean {
  return line.startsWith('{') && /"event":\s*"login"/.test(line)
}

async function lackOfMetrics(url: string | null): Promise<string | null> {
  if (url === null) return 'no address of its metrics was named'
  try {
    const text = await (await fetch(url, { signal: AbortSignal.timeout(deadlineMs) })).text()
    return /^orochi_gateway_logins_total/m.test(text) ? null : 'its metrics have no orochi_gateway_logins_total'
  } catch (error) {
    return `its metrics cannot be read: ${(error as Error).message}`
  }
}
