/** PostgreSQL servers: a primary and its streaming replicas, set as a careful operator would. */
import type { Address, Launch, Prepared } from '../launch.ts'
import type { Topology } from '../topology.ts'
import type { Certificate } from '../../fixtures/certificates.ts'
import { findPostgres, type PostgresPrograms } from './postgres-binary.ts'

export interface ServerPlan {
  readonly server: number
  /** 0 is the primary. */
  readonly replica: number
  readonly topology: Topology
  readonly certificate: Certificate
  /** Where its primary is reached; null for the primary itself. */
  readonly primary: Address | null
  readonly passwords: { readonly superuser: string; readonly replication: string }
}

export const superuser = 'postgres'
export const replicationUser = 'orochi_replica'

export const serverName = (server: number, replica: number) => `postgres-${server}${replica === 0 ? '' : `-replica-${replica}`}`
export const slotName = (replica: number) => `replica_${replica}`
/** The path from a replica to its primary. */
export const replicationName = (server: number, replica: number) => `replication-${server}-${replica}`

const initdbOptions = ['-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions', '--data-checksums']

/** In a container the cluster is made at the first start; a tar of it, taken before it ever ran, seeds the replicas. */
const keepKey = 'cp {file:server.crt} {file:server.key} /tmp/ && chmod 600 /tmp/server.key'
const serve = `exec postgres -D /tmp/data -c config_file={file:postgresql.conf} -c hba_file={file:pg_hba.conf} -c ssl_cert_file=/tmp/server.crt -c ssl_key_file=/tmp/server.key`
const startPrimary = `set -e; ${keepKey}; if [ ! -f /tmp/data/PG_VERSION ]; then initdb -D /tmp/data -U postgres -A scram-sha-256 --pwfile={file:password} ${initdbOptions.join(' ')} && tar -cf /seed/part.tar -C /tmp/data . && mv /seed/part.tar /seed/data.tar; fi; ${serve}`
const startReplica = `set -e; ${keepKey}; if [ ! -f /tmp/data/PG_VERSION ]; then mkdir -p -m 700 /tmp/data && tar -xf /seed/data.tar -C /tmp/data && touch /tmp/data/standby.signal; fi; ${serve}`

const hba = `# Only the loopback address, only with a password.
host all all 127.0.0.1/32 scram-sha-256
host replication orochi_replica 127.0.0.1/32 scram-sha-256
`

/** The Launch of one server. */
export function postgresLaunch(plan: ServerPlan): Launch {
  const { topology, certificate, replica, passwords } = plan
  const programs = findPostgres(topology.postgres.version)
  return {
    name: serverName(plan.server, replica),
    kind: 'postgres',
    version: `PostgreSQL ${programs.version}`,
    process: {
      program: { binary: programs.postgres },
      argv: ['-D', '{dir}/data', '-c', 'config_file={file:postgresql.conf}', '-c', 'hba_file={file:pg_hba.conf}'],
      prepared: clusterOf(programs, plan),
      // The log of changes lies elsewhere: a server that cannot write that one stops altogether.
      ...(topology.postgres.diskMb === null ? {} : { disk: { at: 'data/base', mb: topology.postgres.diskMb } }),
      unprivileged: true,
      // Before its own word it answers logins with an error, which would stand in the log.
      sign: { file: '{dir}/data/postmaster.pid', match: String.raw`^{pid}\n(?:.*\n)*(?:ready|standby) *\n$` },
    },
    container: {
      image: 'postgres',
      command: { shell: [replica === 0 ? startPrimary : startReplica] },
      user: 'postgres',
      shared: { name: `seed-${plan.server}`, at: '/seed' },
    },
    env: {},
    files: [
      { name: 'postgresql.conf', content: confText(plan), mode: 0o600 },
      { name: 'pg_hba.conf', content: hba, mode: 0o600 },
      { name: 'server.crt', content: certificate.certificate, mode: 0o644 },
      { name: 'password', content: passwords.superuser, mode: 0o600 },
      { name: 'server.key', content: certificate.privateKey, mode: 0o600 },
      ...(replica === 0 ? [] : [{ name: 'data/standby.signal', content: '', mode: 0o600 }]),
    ],
    ports: { main: 5432 },
    ready: readinessOf(plan),
    startLimit: 'postgres-start',
    // Fast: it ends sessions instead of waiting for them.
    stop: { signal: 'SIGINT', graceMs: 5_000 },
    clock: false,
    offers: [],
  }
}

/** A standby knows no password before it has caught up, which whoever raises it waits for. */
function readinessOf({ replica, passwords }: ServerPlan): Launch['ready'] {
  if (replica > 0) return { kind: 'tcp', port: 'main' }
  return { kind: 'postgres', port: 'main', user: superuser, password: passwords.superuser, database: 'postgres', query: 'select 1' }
}

/** The cluster is made without a password, which a single-user server then sets in this stack's copy; a standby gets it by replication. */
function clusterOf({ initdb, postgres, version }: PostgresPrograms, { replica, passwords }: ServerPlan): Prepared {
  const setPassword = `alter role ${superuser} password '${passwords.superuser}'\n`
  return {
    key: `postgres-${version}`,
    into: 'data',
    make: [[initdb, '-D', '{out}', '-U', superuser, '-A', 'reject', ...initdbOptions]],
    finish:
      replica === 0
        ? [{ argv: [postgres, '--single', '-F', '-c', 'dynamic_shared_memory_type=mmap', '-D', '{copy}', 'postgres'], input: setPassword }]
        : [],
  }
}

function confText(plan: ServerPlan): string {
  const settings = {
    ...baseSettings,
    ...(plan.primary === null ? {} : standbySettings(plan, plan.primary)),
    ...plan.topology.postgres.settings,
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`)
    .join('')
}

const baseSettings: Readonly<Record<string, string>> = {
  listen_addresses: '{host}',
  port: '{port:main}',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '32MB',
  max_prepared_transactions: '100',
  max_wal_senders: '10',
  max_replication_slots: '10',
  wal_level: 'replica',
  wal_keep_size: '256MB',
  hot_standby: 'on',
  // In its folder, where nothing is left behind when it is killed outright.
  dynamic_shared_memory_type: 'mmap',
  ssl: 'on',
  ssl_cert_file: '{file:server.crt}',
  ssl_key_file: '{file:server.key}',
  log_line_prefix: '%m [%p] %q%u@%d ',
  log_timezone: 'UTC',
  timezone: 'UTC',
  log_checkpoints: 'off',
  log_destination: 'stderr',
  logging_collector: 'off',
}

function standbySettings({ replica, passwords }: ServerPlan, primary: Address): Record<string, string> {
  const name = slotName(replica)
  return {
    primary_conninfo: `host=${primary.host} port=${primary.port} user=${replicationUser} password=${passwords.replication} application_name=${name}`,
    primary_slot_name: name,
  }
}
