/** The objects of a cluster's pooler. */
import type {
  V1ConfigMap,
  V1Container,
  V1Deployment,
  V1PodDisruptionBudget,
  V1PodTemplateSpec,
  V1Probe,
  V1Secret,
  V1Service,
} from '@kubernetes/client-node'
import { annotationKeys, nameOf, partOf } from './names.ts'
import { healthPort, metricsPort, pgdogToml, poolerPort, readAtStart, usersToml } from './pgdog-files.ts'
import { lockedContainer, lockedPod, metadataOf, quantities, type Plan } from './plan.ts'
import { serverName } from './render-postgres.ts'

/** `replicas` is what runs now or shall: rendering starts and stops nothing by itself. */
export function renderPooler(plan: Plan, replicas: number): readonly object[] {
  return [users(plan), config(plan), service(plan), deployment(plan, replicas), ...budget(plan)]
}

export const poolerName = ({ wanted }: Plan) => nameOf(wanted.id, 'pooler')
const usersName = ({ wanted }: Plan) => nameOf(wanted.id, 'pooler-users')
const component = 'pooler'

function users(plan: Plan): V1Secret {
  const text = usersToml(plan.wanted, { app: plan.secrets.app, admin: plan.secrets.admin })
  const data = { 'users.toml': base64(text), app: base64(plan.secrets.app), admin: base64(plan.secrets.admin) }
  return { apiVersion: 'v1', kind: 'Secret', metadata: metadataOf(plan, usersName(plan), component), type: 'Opaque', data }
}

const base64 = (text: string) => Buffer.from(text).toString('base64')

function config(plan: Plan): V1ConfigMap {
  const text = pgdogToml(plan.wanted, (shard) => serverName(plan, shard), plan.config.drainSeconds)
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadataOf(plan, poolerName(plan), component), data: { 'pgdog.toml': text } }
}

function service(plan: Plan): V1Service {
  const ports = [
    { name: 'postgres', port: 5432, targetPort: 'postgres', protocol: 'TCP' },
    { name: 'metrics', port: metricsPort, targetPort: 'metrics', protocol: 'TCP' },
  ]
  const spec = { type: 'ClusterIP', selector: partOf(plan.owner, component), ports }
  return { apiVersion: 'v1', kind: 'Service', metadata: metadataOf(plan, poolerName(plan), component), spec }
}

function deployment(plan: Plan, replicas: number): V1Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadataOf(plan, poolerName(plan), component),
    spec: {
      replicas,
      selector: { matchLabels: partOf(plan.owner, component) },
      // A new one serves before an old one goes.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      revisionHistoryLimit: 3,
      template: template(plan),
    },
  }
}

function template(plan: Plan): V1PodTemplateSpec {
  const scrape = { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(metricsPort) }
  const labels = partOf(plan.owner, component)
  const away = { podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: labels } }, weight: 100 }
  return {
    metadata: { labels, annotations: { ...scrape, [annotationKeys.readAtStart]: readAtStart(plan.wanted) } },
    spec: {
      ...lockedPod(10001),
      // Draining begins with the hook, and Kubernetes counts from there.
      terminationGracePeriodSeconds: plan.config.drainSeconds + 15,
      affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [away] } },
      containers: [container(plan)],
      volumes: [
        {
          name: 'config',
          projected: {
            defaultMode: 0o440,
            sources: [{ configMap: { name: poolerName(plan) } }, { secret: { name: usersName(plan), items } }],
          },
        },
        { name: 'tmp', emptyDir: {} },
      ],
    },
  }
}

const items = [{ key: 'users.toml', path: 'users.toml' }]
const folder = '/etc/pgdog'

function container(plan: Plan): V1Container {
  const { deployment: wanted } = plan.wanted.spec
  return {
    name: 'pgdog',
    image: wanted.image ?? plan.config.images.pooler,
    command: ['pgdog', '--config', `${folder}/pgdog.toml`, '--users', `${folder}/users.toml`, 'run'],
    ports: [
      { name: 'postgres', containerPort: poolerPort, protocol: 'TCP' },
      { name: 'metrics', containerPort: metricsPort, protocol: 'TCP' },
      { name: 'health', containerPort: healthPort, protocol: 'TCP' },
    ],
    volumeMounts: [
      { name: 'config', mountPath: folder, readOnly: true },
      { name: 'tmp', mountPath: '/tmp' },
    ],
    resources: quantities(wanted.resources),
    startupProbe: { ...alive, periodSeconds: 1, failureThreshold: 60 },
    livenessProbe: { ...alive, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
    readinessProbe: { ...alive, periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 2 },
    // SIGTERM would end PgDog at once; SIGINT lets transactions end. The hook ends with the container, at the latest with its grace.
    lifecycle: { preStop: { exec: { command: ['/bin/sh', '-c', `kill -INT 1; sleep ${plan.config.drainSeconds + 10}`] } } },
    securityContext: lockedContainer,
  }
}

/** Whether it listens; not whether its databases answer: a restart would not help those. */
const alive: V1Probe = { tcpSocket: { port: 'postgres' } }

/** With one instance there is nothing to keep up: a budget would only stop machines from being emptied. */
function budget(plan: Plan): V1PodDisruptionBudget[] {
  if (plan.wanted.spec.deployment.replicas < 2) return []
  const spec = { minAvailable: 1, selector: { matchLabels: partOf(plan.owner, component) } }
  return [{ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: metadataOf(plan, poolerName(plan), component), spec }]
}
