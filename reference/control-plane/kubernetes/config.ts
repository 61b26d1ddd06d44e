/** What the driver must know of the cluster of machines that it deploys to. */
import { z } from 'zod'

const labels = z.record(z.string(), z.string())
const image = z.string().min(1).max(512)

export const kubernetesSchema = z.strictObject({
  kind: z.literal('kubernetes'),
  /** Left out: the service account of the pod that this runs in. */
  kubeconfig: z.string().optional(),
  context: z.string().optional(),
  namespace: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/)
    .default('orochi-cloud'),
  /** Tells several control planes in one namespace apart: each leaves alone what belongs to another. */
  installation: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/)
    .default('default'),
  images: z.strictObject({ postgres: image.default('postgres:18'), pooler: image }),
  storage: z.strictObject({ size: z.string().default('10Gi'), class: z.string().optional() }).prefault({}),
  /** Who may reach a pooler and its numbers; nobody else may. */
  gateways: z.strictObject({ namespace: labels.optional(), pods: labels.default({ app: 'orochi-gateway' }) }).prefault({}),
  monitoring: z.strictObject({ namespace: labels.optional(), pods: labels.default({ app: 'prometheus' }) }).prefault({}),
  /** This control plane itself, which asks the admin database. */
  controlPlane: z.strictObject({ namespace: labels.optional(), pods: labels.default({ app: 'orochi-control-plane' }) }).prefault({}),
  /** How long a pooler may take to let transactions end when it stops. */
  drainSeconds: z.int().min(1).max(3600).default(60),
  /** `take`: what somebody else changed is changed back; `refuse`: they are named, and nothing is changed. */
  onConflict: z.enum(['refuse', 'take']).default('refuse'),
})

export type KubernetesConfig = z.infer<typeof kubernetesSchema>
export type Peer = KubernetesConfig['gateways']
