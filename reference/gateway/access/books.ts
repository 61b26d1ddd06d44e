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
  /** In force from now on: what is remembered beyond it is forgotten. */
  resize(rememberedAddresses: number): void
  /** Cancel requests, by network. */
  readonly cancels: Tallies
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
  readonly capacity: number
  readonly now: () => number
  readonly registry: Registry
}

const prefix = 'orochi_gateway_'

export function openBooks({ capacity, now, registry }: BookTerms): Books {
  const memory = { capacity, now }
  const [strangers, clients] = [new Headcount(), new Headcount()]
  gauge(registry, 'unauthenticated', 'Connections that are not logged in yet', () => strangers.all)
  gauge(registry, 'clients', 'Clients whose token was found good and that are still here', () => clients.all)
  const [connects, blocks, noted, cancels] = [new Tallies(memory), new Blocks(memory), new Tallies(memory), new Tallies(memory)]
  gaugeMemory(registry, {
    connects: () => connects.size,
    failures: () => blocks.failing,
    blocks: () => blocks.blocked,
    noted: () => noted.size,
    cancels: () => cancels.size,
  })
  return {
    connects,
    blocks,
    noted,
    cancels,
    resize(capacity) {
      for (const table of [connects, blocks, noted, cancels]) table.resize(capacity)
    },
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

function gaugeMemory(registry: Registry, tables: Readonly<Record<string, () => number>>): void {
  const made: Gauge<'table'> = new Gauge({
    name: `${prefix}remembered_addresses`,
    help: 'Addresses of which something is remembered, by table',
    labelNames: ['table'],
    registers: [registry],
    collect() {
      for (const [table, size] of Object.entries(tables)) made.set({ table }, size())
    },
  })
}
