/** What a tenant may have: from where it may come, and how many connections at once. */
import type { Admission } from '../admission.ts'
import { Refusal } from '../reasons.ts'
import { textOf } from '../verify.ts'
import type { Source } from './address.ts'
import type { Guest } from './gate.ts'
import { networksOf, type Networks } from './networks.ts'

export interface Tenants {
  /** Throws when the tenant may not come from there, or has as many connections as it may have. */
  seat(admission: Admission, guest: Guest): Promise<Admission>
  /** Whether it may come from there. */
  allows(tenant: string, source: Source): boolean
}

export interface TenantTerms {
  readonly tenants: Readonly<Record<string, { readonly connections?: number | undefined; readonly allow?: readonly string[] | undefined }>>
  /** For those that are not named. */
  readonly connections: number
}

export function makeTenants({ tenants, connections }: TenantTerms): Tenants {
  const rows = new Map(
    Object.entries(tenants).map(([name, row]) => [name, { places: row.connections ?? connections, allowed: listOf(row.allow) }] as const),
  )
  const allows = (tenant: string, source: Source) => rows.get(tenant)?.allowed?.has(source) ?? true
  return {
    allows,
    async seat(admission, guest) {
      const tenant = textOf(admission.token.claims, 'tenant_id') ?? ''
      if (!allows(tenant, guest.source)) throw new Refusal('tenant_address', { tenant })
      await guest.seat(tenant, rows.get(tenant)?.places ?? connections)
      return admission
    },
  }
}

function listOf(allow: readonly string[] | undefined): Networks | null {
  return allow === undefined ? null : networksOf(allow)
}
