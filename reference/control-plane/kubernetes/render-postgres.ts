/** The objects of a cluster's Postgres servers: one StatefulSet whose pods are its shards, in their order. */
import type {
  V1ConfigMap,
  V1Container,
  V1PersistentVolumeClaim,
  V1Probe,
  V1Secret,
  V1Service,
  V1StatefulSet,
} from '@kubernetes/client-node'
import { annotationKeys, nameOf, partOf } from './names.ts'
import { appUser, shardsOf } from './pgdog-files.ts'
import { lockedContainer, lockedPod, metadataOf, type Plan } from './plan.ts'

export function renderPostgres(plan: Plan, replicas: number): readonly object[] {
  return [secret(plan), setUp(plan), service(plan), statefulSet(plan, replicas)]
}

export const postgresName = ({ wanted }: Pick<Plan, 'wanted'>) => nameOf(wanted.id, 'postgres')
const setUpName = ({ wanted }: Plan) => nameOf(wanted.id, 'postgres-setup')
const component = 'postgres'

/** As the headless service has it in DNS; the namespace's own search path would not lead there from elsewhere. */
export function serverName(plan: Plan, shard: number): string {
  const name = postgresName(plan)
  return `${name}-${shard}.${name}.${plan.config.namespace}.svc`
}

function secret(plan: Plan): V1Secret {
  const { superuser, app } = plan.secrets
  const data = { superuser: Buffer.from(superuser).toString('base64'), app: Buffer.from(app).toString('base64') }
  return { apiVersion: 'v1', kind: 'Secret', metadata: metadataOf(plan, postgresName(plan), component), type: 'Opaque', data }
}

/** Run by the image when a server is new. Names come from a schema of plain identifiers; the password from psql's variable. */
function setUp(plan: Plan): V1ConfigMap {
  const { database, branches } = plan.wanted.spec
  const databases = [database, ...branches.map((branch) => branch.database)]
  const lines = [
    `\\getenv app_password APP_PASSWORD`,
    `CREATE ROLE "${appUser}" LOGIN PASSWORD :'app_password';`,
    ...databases.map((name) => `CREATE DATABASE "${name}";`),
  ]
  const data = { '10-orochi.sql': `${lines.join('\n')}\n` }
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadataOf(plan, setUpName(plan), component), data }
}

/** Names stand in DNS before servers are ready: who looked them up in vain would look again much later. */
function service(plan: Plan): V1Service {
  const ports = [{ name: 'postgres', port: 5432, targetPort: 'postgres', protocol: 'TCP' }]
  const spec = { clusterIP: 'None', publishNotReadyAddresses: true, selector: partOf(plan.owner, component), ports }
  return { apiVersion: 'v1', kind: 'Service', metadata: metadataOf(plan, postgresName(plan), component), spec }
}

function statefulSet(plan: Plan, replicas: number): V1StatefulSet {
  const labels = partOf(plan.owner, component)
  const metadata = metadataOf(plan, postgresName(plan), component)
  const shards = { [annotationKeys.shards]: String(shardsOf(plan.wanted.spec)) }
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { ...metadata, annotations: { ...metadata.annotations, ...shards } },
    spec: {
      replicas,
      serviceName: postgresName(plan),
      // All shards wake and sleep together.
      podManagementPolicy: 'Parallel',
      persistentVolumeClaimRetentionPolicy: { whenScaled: 'Retain', whenDeleted: 'Delete' },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          ...lockedPod(999),
          terminationGracePeriodSeconds: 60,
          containers: [container(plan)],
          volumes: [
            { name: 'setup', configMap: { name: setUpName(plan) } },
            { name: 'run', emptyDir: {} },
            { name: 'tmp', emptyDir: {} },
          ],
        },
      },
      volumeClaimTemplates: [claim(plan)],
    },
  }
}

function claim({ owner, config }: Plan): V1PersistentVolumeClaim {
  const { size, class: storageClassName } = config.storage
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', labels: partOf(owner, component) },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: size } },
      ...(storageClassName === undefined ? {} : { storageClassName }),
    },
  }
}

/** A query, not only a listening port: `ready` is said of servers that answered. */
const answers: V1Probe = { exec: { command: ['psql', '-h', '/var/run/postgresql', '-U', 'postgres', '-Atqc', 'SELECT 1'] } }

function container(plan: Plan): V1Container {
  const from = (key: string) => ({ secretKeyRef: { name: postgresName(plan), key } })
  return {
    name: 'postgres',
    image: plan.config.images.postgres,
    ports: [{ name: 'postgres', containerPort: 5432, protocol: 'TCP' }],
    env: [
      { name: 'POSTGRES_PASSWORD', valueFrom: from('superuser') },
      { name: 'APP_PASSWORD', valueFrom: from('app') },
      { name: 'PGDATA', value: '/var/lib/postgresql/data/pgdata' },
      { name: 'POSTGRES_INITDB_ARGS', value: '--auth-host=scram-sha-256 --data-checksums' },
    ],
    volumeMounts: [
      { name: 'data', mountPath: '/var/lib/postgresql/data' },
      { name: 'setup', mountPath: '/docker-entrypoint-initdb.d', readOnly: true },
      { name: 'run', mountPath: '/var/run/postgresql' },
      { name: 'tmp', mountPath: '/tmp' },
    ],
    resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { memory: '2Gi' } },
    startupProbe: { ...answers, periodSeconds: 1, timeoutSeconds: 2, failureThreshold: 300 },
    readinessProbe: { ...answers, periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 1 },
    // SIGTERM would wait for clients that have not left; the smart way is the pooler's.
    lifecycle: { preStop: { exec: { command: ['/bin/sh', '-c', 'kill -INT 1; sleep 55'] } } },
    securityContext: lockedContainer,
  }
}
