/** What the gate remembers and whom it has counted: one for the life of a gateway, whatever configuration is in force. */
import { Counter, Gauge, type Registry } from 'prom-client'
import type { Reason } from '../reasons.ts'
import { Blocks } from './blocks.ts'
import { Headcount } from './headcount.ts'
import { Tallies } from './tallies.ts'

export interface Books {
  readonly connects: Tallies
  readonly blocks: Blocks
  /** Addresses of which a record says that they were turned away. */
  readonly noted: Tallies
  readonly notes: Tallies
  /** By address. */
  readonly handshakes: Headcount
  /** Not logged in yet, by address. */
  readonly strangers: Headcount
  /** Logged in, by tenant. */
  readonly clients: Headcount
  /** Labels are reasons of one closed table, never addresses or tenants. */
  limited(reason: Reason): void
  blocked(): void
}

export interface BookTerms {
  /** Addresses remembered at most. */
  readonly capacity?: number
  readonly now: () => number
  readonly registry: Registry
}

const rememberedAddresses = 65_536
const prefix = 'orochi_gateway_'

export function openBooks({ capacity = rememberedAddresses, now, registry }: BookTerms): Books {
  const memory = { capacity, now }
  const [strangers, clients] = [new Headcount(), new Headcount()]
  gauge(registry, 'unauthenticated', 'Connections that are not logged in yet', () => strangers.all)
  gauge(registry, 'clients', 'Clients whose token was found good and that are still here', () => clients.all)
  return {
    connects: new Tallies(memory),
    blocks: new Blocks(memory),
    noted: new Tallies(memory),
    notes: new Tallies({ capacity: 2, now }),
    handshakes: new Headcount(),
    strangers,
    clients,
    ...countersOf(registry),
  }
}

function countersOf(registry: Registry): Pick<Books, 'limited' | 'blocked'> {
  const help = 'Connections refused by a limit or a list, by reason'
  const limited = new Counter({ name: `${prefix}limited_total`, help, labelNames: ['reason'], registers: [registry] })
  const blocked = new Counter({
    name: `${prefix}addresses_blocked_total`,
    help: 'Times an address was shut out because of failed logins',
    registers: [registry],
  })
  return { limited: (reason) => limited.inc({ reason }), blocked: () => blocked.inc() }
}

function gauge(registry: Registry, name: string, help: string, value: () => number): void {
  const made: Gauge = new Gauge({ name: prefix + name, help, registers: [registry], collect: () => made.set(value()) })
}
