/** Who may talk to whom: gateways to poolers, poolers to servers, and nobody else to either. */
import type { V1NetworkPolicyPeer } from '@kubernetes/client-node'
import type { Peer } from './config.ts'
import { nameOf, partOf, type Component } from './names.ts'
import { metricsPort, poolerPort } from './pgdog-files.ts'
import { metadataOf, type Plan } from './plan.ts'

export function renderNetwork(plan: Plan): readonly object[] {
  const { pooler } = plan.wanted.spec
  return [postgresPolicy(plan), ...(pooler.enabled ? [poolerPolicy(plan)] : [])]
}

const tcp = (...ports: readonly number[]) => ports.map((port) => ({ port, protocol: 'TCP' }))

function peer({ namespace, pods }: Peer): V1NetworkPolicyPeer {
  return { podSelector: { matchLabels: pods }, ...(namespace === undefined ? {} : { namespaceSelector: { matchLabels: namespace } }) }
}

const partner = (plan: Plan, component: Component): V1NetworkPolicyPeer => ({ podSelector: { matchLabels: partOf(plan.owner, component) } })

const dns = {
  ports: [
    { port: 53, protocol: 'UDP' },
    { port: 53, protocol: 'TCP' },
  ],
}

function poolerPolicy(plan: Plan): object {
  const { gateways, monitoring, controlPlane } = plan.config
  return policy(plan, 'pooler', {
    ingress: [
      { from: [peer(gateways), peer(controlPlane)], ports: tcp(poolerPort) },
      { from: [peer(monitoring), peer(controlPlane)], ports: tcp(metricsPort) },
    ],
    egress: [{ to: [partner(plan, 'postgres')], ports: tcp(5432) }, dns],
  })
}

/** Servers begin no conversation; without a pooler the gateways come themselves. */
function postgresPolicy(plan: Plan): object {
  const guests = plan.wanted.spec.pooler.enabled ? partner(plan, 'pooler') : peer(plan.config.gateways)
  return policy(plan, 'postgres', { ingress: [{ from: [guests], ports: tcp(5432) }], egress: [] })
}

/** As on the wire: the client's model says `_from`, and would have to be translated by it. */
interface Rules {
  readonly ingress: readonly { readonly from: readonly V1NetworkPolicyPeer[]; readonly ports: readonly object[] }[]
  readonly egress: readonly { readonly to?: readonly V1NetworkPolicyPeer[]; readonly ports: readonly object[] }[]
}

function policy(plan: Plan, component: Component, { ingress, egress }: Rules): object {
  const name = nameOf(plan.wanted.id, component)
  const spec = { podSelector: { matchLabels: partOf(plan.owner, component) }, policyTypes: ['Ingress', 'Egress'], ingress, egress }
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: metadataOf(plan, name, component), spec }
}
