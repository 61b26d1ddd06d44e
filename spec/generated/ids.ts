/** Made from spec/families by `npm run spec`; written by no hand. Names of entries, of their clauses, and the tags of their tests. */

/** The clauses of each entry. */
export interface ClauseKeys {
  '2PC-001': 'rolled-back'
  '2PC-002': 'rolled-back'
  '2PC-003': 'alike'
  '2PC-004': 'kept' | 'resolved'
  '2PC-005': 'completed' | 'never-half'
  '2PC-006': 'none-old' | 'live-untouched'
  '2PC-007': 'listed' | 'committed' | 'rolled-back'
  'AUTH-001': 'api' | 'listener'
  'AUTH-002': 'api' | 'listener'
  'AUTH-003': 'api' | 'listener'
  'AUTH-004': 'refused' | 'unverified'
  'AUTH-005': 'locked' | 'alert'
  'AUTH-006': 'time' | 'origin' | 'reason' | 'subject'
  'BRANCH-001': 'main' | 'told'
  'BRANCH-002': 'host' | 'claim' | 'setting' | 'agree'
  'BRANCH-003': 'data'
  'BRANCH-004': 'gone' | 'fails'
  'BRANCH-005': 'isolated' | 'fixed'
  'BRANCH-006': 'merged'
  'CACHE-001': 'used' | 'no-check'
  'CACHE-002': 'verified-once' | 'stored'
  'CACHE-003': 'not-served' | 'removed'
  'CACHE-004': 'bounded' | 'least-recent'
  'CACHE-005': 'rejected' | 'no-hit'
  'CACHE-006': 'alive' | 'bounded' | 'right'
  'CACHE-007': 'hits' | 'misses'
  'CHAOS-001': 'reads' | 'writes' | 'no-restart' | 'no-loss' | 'old-primary'
  'CHAOS-002': 'moved' | 'bounded' | 'used-again'
  'CHAOS-003': 'in-time' | 'resumes'
  'CHAOS-004': 'connects' | 'gentle' | 'rejoins'
  'CHAOS-005': 'known' | 'unknown' | 'normal'
  'CHAOS-006': 'atomic' | 'drained'
  'CHAOS-007': 'shed' | 'established' | 'baseline'
  'CONN-001': 'connects' | 'value'
  'CONN-002': 'handshake' | 'encrypted'
  'CONN-003': 'authenticated' | 'query' | 'identity'
  'CONN-004': 'fatal' | 'sqlstate' | 'no-backend'
  'CONN-005': 'bounded' | 'shared'
  'CONN-006': 'error' | 'in-time' | 'no-socket-leak' | 'no-slot-leak'
  'CONN-007': 'right' | 'none-missing'
  'CONN-008': 'no-dirty-read' | 'one-backend' | 'no-trace'
  'CONN-009': 'rows' | 'checksum' | 'memory'
  'CONN-010': 'as-sent' | 'as-text'
  'CONN-011': 'seen'
  'CONN-012': 'all'
  'CONN-013': 'clean' | 'idle' | 'in-time'
  'CONN-101': 'answered' | 'done'
  'E2E-001': 'issued' | 'open'
  'E2E-002': 'authenticated'
  'E2E-003': 'equal'
  'E2E-004': 'exists'
  'E2E-005': 'shown'
  'E2E-006': 'logged-out' | 'again'
  'E2E-007': 'readable' | 'usable'
  'ERR-001': 'http-status' | 'http-body' | 'postgres'
  'ERR-002': 'status' | 'body' | 'nothing'
  'ERR-003': 'overlap' | 'afterwards' | 'no-restart'
  'ERR-004': 'error' | 'alive'
  'ERR-005': 'closed' | 'released'
  'ERR-006': 'recorded' | 'no-secrets'
  'FAIL-001': 'writes'
  'FAIL-002': 'rest'
  'FAIL-003': 'other'
  'FAIL-004': 'finished' | 'none-lost'
  'FAIL-005': 'primary'
  'FAIL-006': 'one-writer'
  'HASH-001': 'equal'
  'HASH-002': 'equal'
  'HASH-003': 'equal'
  'HASH-004': 'equal'
  'HASH-005': 'equal'
  'HASH-006': 'in-range' | 'equal'
  'JWT-001': 'accepted' | 'claims' | 'no-error'
  'JWT-002': 'rejected' | 'reason' | 'no-claims'
  'JWT-003': 'wrong-key' | 'altered-payload' | 'reason'
  'JWT-004': 'rejected' | 'reason' | 'named'
  'JWT-005': 'foreign-issuer' | 'absent-issuer' | 'reason'
  'JWT-006': 'same-verdict' | 'verified-once' | 'hit-counted'
  'JWT-007': 'verified-once' | 'stored' | 'miss-counted'
  'JWT-008': 'verified-afresh' | 'rejected-expired'
  'JWT-009': 'same-verdicts' | 'alive' | 'bounded'
  'JWT-010': 'equal' | 'tenant-and-branch' | 'nothing-added' | 'nothing-dropped'
  'JWT-011': 'none' | 'other' | 'reason'
  'JWT-012': 'within' | 'beyond'
  'JWT-013': 'accepted' | 'claims'
  'JWT-014': 'accepted' | 'claims'
  'JWT-015': 'rejected' | 'reason' | 'alive'
  'JWT-016': 'early' | 'reason' | 'in-time'
  'JWT-017': 'other' | 'list' | 'absent' | 'reason' | 'listed'
  'JWT-101': 'refused' | 'reason' | 'no-check'
  'JWT-102': 'refused' | 'no-echo'
  'JWT-103': 'one-fetch' | 'at-once' | 'good' | 'new-key'
  'JWT-104': 'goes-on' | 'cool-down' | 'ceiling' | 'readiness' | 'recovers'
  'JWT-105': 'refused' | 'no-file' | 'tidy' | 'alive'
  'JWT-106': 'refused' | 'ignored' | 'no-visit'
  'JWT-107': 'configured' | 'redirect'
  'JWT-108': 'size' | 'time' | 'number' | 'weak' | 'twice' | 'alive'
  'JWT-109': 'refused' | 'reason' | 'alike'
  'JWT-110': 'within' | 'beyond' | 'cached'
  'JWT-111': 'audience' | 'listed' | 'many' | 'issuer'
  'JWT-112': 'own' | 'foreign'
  'JWT-113': 'accepted' | 'type' | 'purpose' | 'reason'
  'JWT-114': 'header' | 'encrypted' | 'spelling' | 'reason'
  'JWT-115': 'refused' | 'no-entry' | 'own-entry'
  'JWT-116': 'accepted' | 'too-large' | 'unbuffered' | 'deep'
  'LAT-001': 'typical' | 'in-time'
  'LAT-002': 'typical' | 'in-time'
  'LAT-003': 'typical' | 'in-time'
  'LAT-004': 'in-time'
  'LAT-005': 'typical' | 'in-time'
  'MEM-001': 'idle'
  'MEM-002': 'slope'
  'MEM-003': 'peak'
  'MEM-004': 'steady'
  'MEM-005': 'bounded'
  'MT-001': 'own-rows'
  'MT-002': 'unchanged'
  'MT-003': 'nothing'
  'MT-004': 'all' | 'audited'
  'MT-005': 'tenant'
  'MT-006': 'unslowed'
  'NET-001': 'closed' | 'told'
  'NET-002': 'quorum'
  'NET-003': 'healthy'
  'NET-004': 'known' | 'gentle'
  'NET-005': 'reopened'
  'OROCHI-001': 'succeeds' | 'registered'
  'OROCHI-002': 'placed'
  'OROCHI-003': 'pruned'
  'OROCHI-004': 'asked' | 'merged'
  'OROCHI-005': 'partitioned'
  'OROCHI-006': 'placed'
  'OROCHI-007': 'equal'
  'OROCHI-008': 'subject'
  'OROCHI-009': 'own-rows'
  'OROCHI-010': 'atomic'
  'PERF-001': 'in-time'
  'PERF-002': 'in-time'
  'PERF-003': 'rate' | 'share' | 'no-errors'
  'PERF-004': 'reused'
  'PERF-005': 'peak'
  'PERF-006': 'connected' | 'no-failure' | 'memory' | 'latency'
  'PERF-007': 'in-time'
  'PERF-008': 'in-time' | 'once'
  'PERF-009': 'in-time'
  'PERF-010': 'in-time'
  'PERF-011': 'in-time'
  'PERF-012': 'in-time'
  'POOL-001': 'opened'
  'POOL-002': 'grown' | 'bounded'
  'POOL-003': 'shrunk'
  'POOL-004': 'waits' | 'error' | 'served'
  'POOL-005': 'discarded' | 'working'
  'POOL-006': 'unaffected'
  'POOL-007': 'unaffected'
  'POOL-008': 'session' | 'transaction'
  'POOL-009': 'singly' | 'refused'
  'POOL-010': 'active' | 'idle'
  'REC-001': 'works'
  'REC-002': 'repaired'
  'REC-003': 'back' | 'no-stampede'
  'REC-004': 'sockets' | 'slots'
  'REC-005': 'protected' | 'all-in'
  'RW-001': 'replica'
  'RW-002': 'primary' | 'no-error'
  'RW-003': 'primary' | 'no-error' | 'explained' | 'functions'
  'RW-004': 'primary' | 'no-error'
  'RW-005': 'one-backend' | 'own-write'
  'RW-006': 'fresh' | 'left-out'
  'RW-007': 'elsewhere' | 'no-lasting-errors'
  'RW-008': 'same'
  'RW-009': 'primary'
  'RW-010': 'replica' | 'write-fails'
  'RW-011': 'left-out'
  'SEC-001': 'refused' | 'nothing-reached' | 'audited' | 'no-token'
  'SEC-002': 'expired' | 'cached' | 'audited'
  'SEC-003': 'no-statement' | 'no-setting'
  'SEC-004': 'disabled' | 'bare-startup'
  'SEC-005': 'not-read' | 'not-changed' | 'no-state'
  'SEC-006': 'limited' | 'other'
  'SEC-007': 'admin-database' | 'admin-endpoints' | 'pooler-api' | 'unreachable'
  'SEC-008': 'refused' | 'open-sessions'
  'SEC-009': 'refused'
  'SEC-010': 'refused'
  'SEC-011': 'refused'
  'SEC-012': 'refused'
  'SEC-013': 'refused' | 'no-fetch'
  'SEC-117': 'logs' | 'metrics' | 'processes' | 'errors' | 'files'
  'SEC-118': 'statements' | 'views' | 'bound'
  'SEC-119': 'masked' | 'kept' | 'nowhere'
  'SEC-120': 'verified' | 'plain' | 'nothing-executed'
  'SEC-121': 'whole' | 'apart'
  'SEC-122': 'refused' | 'untouched'
  'SEC-123': 'tenant' | 'rows'
  'SEC-124': 'closed' | 'told'
  'SEC-125': 'own'
  'SEC-126': 'identity' | 'declared' | 'undeclared'
  'SEC-127': 'said' | 'hidden' | 'usable'
  'SEC-128': 'start-up' | 'shadowed' | 'temporary'
  'SEC-129': 'dropped' | 'unused' | 'nothing-reached'
  'SEC-130': 'refused' | 'nothing-reached' | 'alive'
  'SEC-131': 'cut-off' | 'served'
  'SEC-132': 'refused' | 'nothing-reached' | 'left' | 'pipelined'
  'SEC-133': 'once' | 'either-order' | 'alpn'
  'SEC-134': 'negotiated' | 'spoken' | 'options' | 'majors'
  'SEC-135': 'denied' | 'off' | 'allowed'
  'SEC-136': 'works' | 'own-key' | 'silent' | 'limited' | 'fenced' | 'instances' | 'dead'
  'SEC-137': 'refused' | 'nothing-reached' | 'alike' | 'same-time' | 'audited'
  'SEC-138': 'forms' | 'fallback' | 'strict' | 'malformed' | 'this-handshake' | 'nothing-reached'
  'SEC-139': 'old' | 'renegotiation' | 'resumption' | 'missing' | 'expired' | 'revoked' | 'foreign' | 'purpose' | 'bound' | 'unbound'
  'SEC-140': 'good' | 'wrong-name' | 'unknown-authority' | 'expired' | 'declined' | 'closed' | 'stuffed' | 'nothing-clear' | 'audited'
  'SEC-141': 'warned' | 'ended' | 'cut' | 'finished' | 'grace'
  'SEC-142': 'jti' | 'sub' | 'tenant' | 'kid' | 'others' | 'new-logins' | 'within-answer' | 'waiting' | 'pulled' | 'stale'
  'SEC-143': 'limit' | 'across' | 'returned' | 'away'
  'SEC-144': 'subscriber' | 'mapped' | 'memory' | 'untrusted' | 'required' | 'stalled'
  'SEC-145': 'no-call' | 'one-call' | 'told' | 'bounded' | 'gone' | 'revoked'
  'SEC-146': 'alike' | 'nothing-reached' | 'time' | 'audited'
  'SEC-147': 'unready' | 'refused-new' | 'finishing' | 'second'
  'SEC-148': 'lines' | 'no-forgery' | 'no-control'
  'SEC-149': 'claims' | 'clean' | 'series'
  'SEC-150': 'opening' | 'password' | 'encryption' | 'login'
  'SESS-001': 'claims'
  'SESS-002': 'subject'
  'SESS-003': 'role' | 'usable'
  'SESS-004': 'email'
  'SESS-005': 'tenant' | 'organisation'
  'SESS-006': 'nested'
  'SESS-007': 'clean'
  'SESS-008': 'exact-text' | 'nothing-executed'
  'SHARD-001': 'one-shard' | 'designated' | 'row'
  'SHARD-002': 'once' | 'merged'
  'SHARD-003': 'placed' | 'nowhere-else'
  'SHARD-004': 'tag' | 'designated' | 'others-unchanged'
  'SHARD-005': 'tag' | 'gone' | 'others-unchanged'
  'SHARD-006': 'agreement' | 'listed'
  'SHARD-007': 'one-key' | 'reference' | 'aggregate' | 'refused'
  'SHARD-008': 'order' | 'page' | 'offset-alone'
  'SHARD-009': 'one-row' | 'values' | 'averages'
  'SHARD-010': 'written' | 'prepared' | 'drained'
  'SHARD-011': 'error' | 'no-rows' | 'drained'
  'SHARD-012': 'key' | 'using'
  'SHARD-013': 'one-shard' | 'rows'
  'SHARD-014': 'tenant-shard'
  'SHARD-015': 'placed' | 'split'
  'SHARD-016': 'routed' | 'moved' | 'never-misplaced'
  'SHARD-017': 'text' | 'binary'
  'SHARD-018': 'before' | 'after' | 'no-failure'
  'SHARD-019': 'placed'
  'SHARD-020': 'commits' | 'no-prepare'
  'SHARD-021': 'no-rows' | 'none-prepared'
  'SHARD-022': 'row' | 'one-shard'
  'SHARD-101': 'placed' | 'found'
  'SHARD-102': 'once' | 'found'
  'SHARD-103': 'once'
  'SHARD-104': 'having' | 'distinct' | 'windows' | 'hidden-order' | 'collected' | 'sets'
  'SHARD-105': 'placed' | 'found'
  'SQLI-001': 'hashed' | 'nothing-executed'
  'SQLI-002': 'quoted'
  'SQLI-003': 'strict' | 'values' | 'nothing-executed'
  'SQLI-004': 'inert'
  'SQLI-005': 'data'
  'THRU-001': 'rate' | 'share'
  'THRU-002': 'rate' | 'share'
  'THRU-003': 'rate' | 'share'
  'THRU-004': 'throughput' | 'latency'
  'THRU-005': 'alive' | 'bounded' | 'back-to-normal'
  'TLS-001': 'refused'
  'TLS-002': 'old' | 'recent'
  'TLS-003': 'refused'
  'TLS-004': 'verified' | 'refused' | 'declined' | 'again'
  'TLS-005': 'none' | 'wrong' | 'right'
  'TLS-006': 'none'
  'TLS-007': 'new-sessions' | 'open-sessions' | 'no-restart'
  'WAKE-001': 'states' | 'not-ready'
  'WAKE-002': 'accepted' | 'waking' | 'running' | 'refused' | 'kept'
  'WAKE-003': 'served' | 'one-wake' | 'crowd'
  'WAKE-004': 'error' | 'gone'
  'WAKE-005': 'answers' | 'one-wake' | 'running'
  'WAKE-006': 'ready'
  'WAKE-007': 'order' | 'answered'
}

/** The id of an entry of the catalogue. */
export type EntryId = keyof ClauseKeys

/** Every tag a test can carry, for the configuration of vitest. */
export const tags = [
  { name: 'suite/2pc', description: 'entries of 2PC' },
  { name: 'suite/auth', description: 'entries of AUTH' },
  { name: 'suite/branch', description: 'entries of BRANCH' },
  { name: 'suite/cache', description: 'entries of CACHE' },
  { name: 'suite/chaos', description: 'entries of CHAOS' },
  { name: 'suite/conn', description: 'entries of CONN' },
  { name: 'suite/e2e', description: 'entries of E2E' },
  { name: 'suite/err', description: 'entries of ERR' },
  { name: 'suite/fail', description: 'entries of FAIL' },
  { name: 'suite/hash', description: 'entries of HASH' },
  { name: 'suite/jwt', description: 'entries of JWT' },
  { name: 'suite/lat', description: 'entries of LAT' },
  { name: 'suite/mem', description: 'entries of MEM' },
  { name: 'suite/mt', description: 'entries of MT' },
  { name: 'suite/net', description: 'entries of NET' },
  { name: 'suite/orochi', description: 'entries of OROCHI' },
  { name: 'suite/perf', description: 'entries of PERF' },
  { name: 'suite/pool', description: 'entries of POOL' },
  { name: 'suite/rec', description: 'entries of REC' },
  { name: 'suite/rw', description: 'entries of RW' },
  { name: 'suite/sec', description: 'entries of SEC' },
  { name: 'suite/sess', description: 'entries of SESS' },
  { name: 'suite/shard', description: 'entries of SHARD' },
  { name: 'suite/sqli', description: 'entries of SQLI' },
  { name: 'suite/thru', description: 'entries of THRU' },
  { name: 'suite/tls', description: 'entries of TLS' },
  { name: 'suite/wake', description: 'entries of WAKE' },
  { name: 'prio/p0', description: 'entries of priority P0' },
  { name: 'prio/p1', description: 'entries of priority P1' },
  { name: 'prio/p2', description: 'entries of priority P2' },
  { name: 'needs/gateway', description: 'needs: a JWT gateway stands in front of the pooler' },
  { name: 'needs/pooler', description: 'needs: a pooler (PgDog or the reference router) stands in front of Postgres' },
  { name: 'needs/tls', description: 'needs: the gateway ends TLS with a certificate of the stack' },
  { name: 'needs/replicas', description: 'needs: each Postgres server has at least one streaming replica' },
  { name: 'needs/shards', description: 'needs: the data lies on at least two shards' },
  { name: 'needs/audit-log', description: 'needs: the gateway writes one structured record for each login, with its reason' },
  { name: 'needs/gateway-metrics', description: 'needs: the gateway offers its counters to Prometheus' },
  {
    name: 'needs/pooler-admin',
    description: 'needs: the pooler answers questions about itself (PgDog admin database, or the router’s metrics)',
  },
  { name: 'needs/clock-shift', description: 'needs: the clock of the gateway can be moved without waiting' },
  { name: 'needs/links', description: 'needs: connections between parts run over links that count, record and break them' },
  { name: 'needs/process-figures', description: 'needs: resident memory and descriptors of each part can be read' },
  { name: 'needs/psql', description: 'needs: the psql client is on this machine' },
  { name: 'needs/pgbench', description: 'needs: the load generator pgbench is on this machine' },
  { name: 'needs/k6', description: 'needs: the load generator k6 is on this machine' },
  { name: 'needs/docker', description: 'needs: a Docker daemon answers and the images are there' },
  { name: 'needs/kubernetes', description: 'needs: a Kubernetes cluster answers' },
  { name: 'needs/root', description: 'needs: the harness may act as root' },
  { name: 'needs/orochi', description: 'needs: the real Orochi extension is installed in Postgres' },
  { name: 'needs/control-plane', description: 'needs: a control plane answers' },
  { name: 'needs/dashboard', description: 'needs: a web dashboard is served and a browser can drive it' },
  { name: 'needs/promotion', description: 'needs: a replica can be promoted to primary, by a failover manager or by the harness' },
  { name: 'needs/pooler-instances', description: 'needs: at least two poolers stand behind the gateway or a balancer' },
  { name: 'needs/lease-store', description: 'needs: the gateways share what they have counted of each tenant' },
  { name: 'needs/dns', description: 'needs: the parts find each other by names that the harness can stop answering' },
  { name: 'id/2PC-001', description: 'Coordinator dies in prepare' },
  { name: 'id/2PC-002', description: 'Participant dies in prepare' },
  { name: 'id/2PC-003', description: 'Coordinator dies after prepare' },
  { name: 'id/2PC-004', description: 'Participant dies after prepare' },
  { name: 'id/2PC-005', description: 'Network fails in commit' },
  { name: 'id/2PC-006', description: 'Orphans are cleaned up' },
  { name: 'id/2PC-007', description: 'Manual resolution' },
  { name: 'id/AUTH-001', description: 'No token' },
  { name: 'id/AUTH-002', description: 'Expired token' },
  { name: 'id/AUTH-003', description: 'Wrong role' },
  { name: 'id/AUTH-004', description: 'Failed logins are throttled' },
  { name: 'id/AUTH-005', description: 'Brute force is noticed' },
  { name: 'id/AUTH-006', description: 'Failures are audited' },
  { name: 'id/BRANCH-001', description: 'Default branch is main' },
  { name: 'id/BRANCH-002', description: 'Named branch is used' },
  { name: 'id/BRANCH-003', description: 'Branch is created' },
  { name: 'id/BRANCH-004', description: 'Branch is deleted' },
  { name: 'id/BRANCH-005', description: 'Branches are isolated' },
  { name: 'id/BRANCH-006', description: 'Branch is merged' },
  { name: 'id/CACHE-001', description: 'Valid token is served from cache' },
  { name: 'id/CACHE-002', description: 'New token is verified and stored' },
  { name: 'id/CACHE-003', description: 'Expired entries leave the cache' },
  { name: 'id/CACHE-004', description: 'Cache size is bounded' },
  { name: 'id/CACHE-005', description: 'Revoked token leaves the cache' },
  { name: 'id/CACHE-006', description: 'Cache survives parallel use' },
  { name: 'id/CACHE-007', description: 'Cache counters are right' },
  { name: 'id/CHAOS-001', description: 'Primary fails over' },
  { name: 'id/CHAOS-002', description: 'Replica is lost' },
  { name: 'id/CHAOS-003', description: 'Network partition heals' },
  { name: 'id/CHAOS-004', description: 'PgDog pod restarts' },
  { name: 'id/CHAOS-005', description: 'Control plane is away' },
  { name: 'id/CHAOS-006', description: '2PC coordinator dies' },
  { name: 'id/CHAOS-007', description: 'Connection storm' },
  { name: 'id/CONN-001', description: 'Query through the proxy' },
  { name: 'id/CONN-002', description: 'TLS session is established' },
  { name: 'id/CONN-003', description: 'Login with a valid JWT' },
  { name: 'id/CONN-004', description: 'Login with an invalid JWT fails' },
  { name: 'id/CONN-005', description: 'Server connections are reused' },
  { name: 'id/CONN-006', description: 'Connection timeouts are honoured' },
  { name: 'id/CONN-007', description: 'Prepared statements work' },
  { name: 'id/CONN-008', description: 'Transactions are isolated' },
  { name: 'id/CONN-009', description: 'Large results arrive whole' },
  { name: 'id/CONN-010', description: 'Binary wire format works' },
  { name: 'id/CONN-011', description: 'Connection parameters pass through' },
  { name: 'id/CONN-012', description: '100 clients in parallel' },
  { name: 'id/CONN-013', description: 'Closing a client frees its server connection' },
  { name: 'id/CONN-101', description: 'Several statements in one message are all done' },
  { name: 'id/E2E-001', description: 'Dashboard login' },
  { name: 'id/E2E-002', description: 'API call with a JWT' },
  { name: 'id/E2E-003', description: 'Query through every layer' },
  { name: 'id/E2E-004', description: 'Create in the UI, see it in the database' },
  { name: 'id/E2E-005', description: 'Live updates' },
  { name: 'id/E2E-006', description: 'Idle session ends' },
  { name: 'id/E2E-007', description: 'Errors are shown' },
  { name: 'id/ERR-001', description: 'No credential gives a clear refusal' },
  { name: 'id/ERR-002', description: 'Wrong scheme gives a clear refusal' },
  { name: 'id/ERR-003', description: 'Key rotation is graceful' },
  { name: 'id/ERR-004', description: 'Crypto library errors are contained' },
  { name: 'id/ERR-005', description: 'Login that stalls is cut off' },
  { name: 'id/ERR-006', description: 'Failures are logged without secrets' },
  { name: 'id/FAIL-001', description: 'Primary loss leads to failover' },
  { name: 'id/FAIL-002', description: 'Replica loss reroutes' },
  { name: 'id/FAIL-003', description: 'Proxy instance loss' },
  { name: 'id/FAIL-004', description: 'Gentle proxy restart' },
  { name: 'id/FAIL-005', description: 'All replicas lost' },
  { name: 'id/FAIL-006', description: 'No split brain' },
  { name: 'id/HASH-001', description: 'Reference hash of int4' },
  { name: 'id/HASH-002', description: 'Reference hash of int8' },
  { name: 'id/HASH-003', description: 'Reference hash of text' },
  { name: 'id/HASH-004', description: 'Reference hash of uuid' },
  { name: 'id/HASH-005', description: 'Reference hash of int2' },
  { name: 'id/HASH-006', description: 'Shard index stays in range' },
  { name: 'id/JWT-001', description: 'RS256 token is accepted' },
  { name: 'id/JWT-002', description: 'Expired token is refused' },
  { name: 'id/JWT-003', description: 'Forged signature is refused' },
  { name: 'id/JWT-004', description: 'Missing mandatory claim is refused' },
  { name: 'id/JWT-005', description: 'Foreign issuer is refused' },
  { name: 'id/JWT-006', description: 'Cache hit skips verification' },
  { name: 'id/JWT-007', description: 'Cache miss runs verification' },
  { name: 'id/JWT-008', description: 'Cache entry expires after its TTL' },
  { name: 'id/JWT-009', description: 'Parallel verification is safe' },
  { name: 'id/JWT-010', description: 'Claims are extracted exactly' },
  { name: 'id/JWT-011', description: 'Algorithm substitution is refused' },
  { name: 'id/JWT-012', description: 'Clock skew is tolerated' },
  { name: 'id/JWT-013', description: 'HS256 token is accepted' },
  { name: 'id/JWT-014', description: 'ES256 token is accepted' },
  { name: 'id/JWT-015', description: 'Malformed token is refused' },
  { name: 'id/JWT-016', description: 'Not-before is honoured' },
  { name: 'id/JWT-017', description: 'Foreign audience is refused' },
  { name: 'id/JWT-101', description: 'A public key is no secret' },
  { name: 'id/JWT-102', description: 'A token without signature is worth nothing' },
  { name: 'id/JWT-103', description: 'Unknown key ids cause no storm of fetches' },
  { name: 'id/JWT-104', description: "Keys outlast their issuer's outage, and not for ever" },
  { name: 'id/JWT-105', description: 'A key id is only a name' },
  { name: 'id/JWT-106', description: 'Keys come from the configuration, never from a token' },
  { name: 'id/JWT-107', description: 'Fetching keys reaches nothing inside' },
  { name: 'id/JWT-108', description: 'Hostile key sets are bounded and weak keys refused' },
  { name: 'id/JWT-109', description: 'Dates of a token must make sense' },
  { name: 'id/JWT-110', description: 'The leeway ends at one instant' },
  { name: 'id/JWT-111', description: 'Audience and issuer match exactly or not at all' },
  { name: 'id/JWT-112', description: 'A key id belongs to its issuer' },
  { name: 'id/JWT-113', description: 'A token for something else opens nothing' },
  { name: 'id/JWT-114', description: 'A token is read in one way only' },
  { name: 'id/JWT-115', description: 'A token has one spelling' },
  { name: 'id/JWT-116', description: 'The size of a token has an end' },
  { name: 'id/LAT-001', description: 'Simple SELECT: added latency' },
  { name: 'id/LAT-002', description: 'Parameterised query: added latency' },
  { name: 'id/LAT-003', description: 'Transaction: added latency' },
  { name: 'id/LAT-004', description: 'Authentication per request with cache: added latency' },
  { name: 'id/LAT-005', description: 'Shard routing: added latency' },
  { name: 'id/MEM-001', description: 'Idle memory' },
  { name: 'id/MEM-002', description: 'Memory slope by connection' },
  { name: 'id/MEM-003', description: 'Memory at 10 000 connections' },
  { name: 'id/MEM-004', description: 'No leak in 24 h' },
  { name: 'id/MEM-005', description: 'Token cache is bounded' },
  { name: 'id/MT-001', description: "Tenant cannot read another's rows" },
  { name: 'id/MT-002', description: "Tenant cannot change another's rows" },
  { name: 'id/MT-003', description: 'Cross-tenant query is blocked' },
  { name: 'id/MT-004', description: 'Super-admin sees all' },
  { name: 'id/MT-005', description: 'Tenant id cannot be forged by the client' },
  { name: 'id/MT-006', description: 'Tenants can have their own pools' },
  { name: 'id/NET-001', description: 'Proxy cut off from the database' },
  { name: 'id/NET-002', description: 'Primary cut off from replicas' },
  { name: 'id/NET-003', description: 'Poor network' },
  { name: 'id/NET-004', description: 'DNS is away' },
  { name: 'id/NET-005', description: 'Partition ends' },
  { name: 'id/OROCHI-001', description: 'Distributed table is created' },
  { name: 'id/OROCHI-002', description: 'Row goes to its shard' },
  { name: 'id/OROCHI-003', description: 'Shard key prunes the plan' },
  { name: 'id/OROCHI-004', description: 'No shard key means fan-out' },
  { name: 'id/OROCHI-005', description: 'Hypertable is created' },
  { name: 'id/OROCHI-006', description: 'Time-series rows go to their chunk' },
  { name: 'id/OROCHI-007', description: 'Columnar table works' },
  { name: 'id/OROCHI-008', description: 'JWT context reaches policies' },
  { name: 'id/OROCHI-009', description: 'Row-level security is applied' },
  { name: 'id/OROCHI-010', description: 'Multi-statement transaction spans shards' },
  { name: 'id/PERF-001', description: 'Connection set-up time' },
  { name: 'id/PERF-002', description: 'Added latency per query' },
  { name: 'id/PERF-003', description: 'Throughput' },
  { name: 'id/PERF-004', description: 'Pool efficiency' },
  { name: 'id/PERF-005', description: 'Peak memory while loaded' },
  { name: 'id/PERF-006', description: '10 000 clients at once' },
  { name: 'id/PERF-007', description: 'Fan-out query time' },
  { name: 'id/PERF-008', description: 'Cached JWT check' },
  { name: 'id/PERF-009', description: 'Wake latency' },
  { name: 'id/PERF-010', description: 'Connection acquisition' },
  { name: 'id/PERF-011', description: 'Overhead of simple queries, strict' },
  { name: 'id/PERF-012', description: 'Pool growth is quick' },
  { name: 'id/POOL-001', description: 'Minimum pool is opened ahead' },
  { name: 'id/POOL-002', description: 'Pool grows under load' },
  { name: 'id/POOL-003', description: 'Pool shrinks when idle' },
  { name: 'id/POOL-004', description: 'Exhausted pool waits, then fails' },
  { name: 'id/POOL-005', description: 'Broken connections are removed' },
  { name: 'id/POOL-006', description: 'Pools are separate per database' },
  { name: 'id/POOL-007', description: 'Pools are separate per user' },
  { name: 'id/POOL-008', description: 'Session and transaction modes differ as they should' },
  { name: 'id/POOL-009', description: 'Statement mode' },
  { name: 'id/POOL-010', description: 'Pool metrics tell the truth' },
  { name: 'id/REC-001', description: 'Backend reset is hidden' },
  { name: 'id/REC-002', description: 'Poisoned connection is removed' },
  { name: 'id/REC-003', description: 'Mass disconnect' },
  { name: 'id/REC-004', description: 'Timed-out connections are cleaned up' },
  { name: 'id/REC-005', description: 'Reconnect storm' },
  { name: 'id/RW-001', description: 'SELECT is served by a replica' },
  { name: 'id/RW-002', description: 'INSERT is served by the primary' },
  { name: 'id/RW-003', description: 'UPDATE is served by the primary' },
  { name: 'id/RW-004', description: 'DELETE is served by the primary' },
  { name: 'id/RW-005', description: 'A transaction stays on the primary' },
  { name: 'id/RW-006', description: 'Read after write is consistent' },
  { name: 'id/RW-007', description: 'Replica failure reroutes reads' },
  { name: 'id/RW-008', description: 'Replica choice can be sticky' },
  { name: 'id/RW-009', description: 'Query can ask for the primary' },
  { name: 'id/RW-010', description: 'Read-only transaction uses a replica' },
  { name: 'id/RW-011', description: 'Lagging replica is left out' },
  { name: 'id/SEC-001', description: 'Invalid JWT gets no access' },
  { name: 'id/SEC-002', description: 'Expired JWT gets no access' },
  { name: 'id/SEC-003', description: 'SQL injection is blocked' },
  { name: 'id/SEC-004', description: 'TLS is mandatory' },
  { name: 'id/SEC-005', description: 'Tenants cannot see each other' },
  { name: 'id/SEC-006', description: 'Rate limit applies' },
  { name: 'id/SEC-007', description: 'Admin interface is closed' },
  { name: 'id/SEC-008', description: 'Revoked token loses access' },
  { name: 'id/SEC-009', description: 'Unsigned tokens are refused' },
  { name: 'id/SEC-010', description: 'Replay is refused where jti is single-use' },
  { name: 'id/SEC-011', description: 'Scopes restrict' },
  { name: 'id/SEC-012', description: 'RSA/HMAC confusion is refused' },
  { name: 'id/SEC-013', description: 'Hostile JWT headers are refused' },
  { name: 'id/SEC-117', description: 'A token shows nowhere' },
  { name: 'id/SEC-118', description: 'The database sees the claims, never the token' },
  { name: 'id/SEC-119', description: 'A token typed in place of a name is masked' },
  { name: 'id/SEC-120', description: 'Claim values are data to every quoting' },
  { name: 'id/SEC-121', description: 'Long claims are not cut' },
  { name: 'id/SEC-122', description: 'Start-up parameters override nothing' },
  { name: 'id/SEC-123', description: 'SQL overrides nothing' },
  { name: 'id/SEC-124', description: 'Claims that are lost close the session' },
  { name: 'id/SEC-125', description: 'Two tenants on one server connection never mix' },
  { name: 'id/SEC-126', description: 'A variable that the pooler does not see poisons nobody' },
  { name: 'id/SEC-127', description: 'The next client is itself, and can work' },
  { name: 'id/SEC-128', description: "Names of an attacker stand before nobody's" },
  { name: 'id/SEC-129', description: 'Bytes sent before encryption is agreed on are never used' },
  { name: 'id/SEC-130', description: 'A start-up packet that is none ends its connection and nothing else' },
  { name: 'id/SEC-131', description: 'Slow clients are cut off at each stage and hinder nobody' },
  { name: 'id/SEC-132', description: 'Messages at the wrong stage are refused, and what is sent ahead of its time arrives whole' },
  { name: 'id/SEC-133', description: 'Encryption is asked for once of each kind, and begun at once only for this protocol' },
  { name: 'id/SEC-134', description: 'Versions of the protocol are negotiated down or refused' },
  { name: 'id/SEC-135', description: 'Replication is for tokens that allow it' },
  { name: 'id/SEC-136', description: 'Cancel requests stop what they may stop, and tell nothing' },
  { name: 'id/SEC-137', description: 'A token for one branch opens no other' },
  { name: 'id/SEC-138', description: 'A host name is read strictly, and from this handshake alone' },
  { name: 'id/SEC-139', description: 'TLS is of today, and a certificate is worth what it says' },
  { name: 'id/SEC-140', description: 'A pooler is talked to over verified TLS, or not at all' },
  { name: 'id/SEC-141', description: 'A session ends with its token, by the stated policy' },
  { name: 'id/SEC-142', description: 'A revocation ends live sessions' },
  { name: 'id/SEC-143', description: 'A tenant has so many connections and no more' },
  { name: 'id/SEC-144', description: 'Limits by address hold for whoever an address belongs to' },
  { name: 'id/SEC-145', description: 'Only good tokens wake a cluster, by one call, and waiting is bounded' },
  { name: 'id/SEC-146', description: 'Whoever guesses learns nothing' },
  { name: 'id/SEC-147', description: 'A gateway that is told to stop takes nobody in and lets those who are there finish' },
  { name: 'id/SEC-148', description: 'Nobody writes into the log what he likes' },
  { name: 'id/SEC-149', description: 'Names that objects inherit, and names without end' },
  { name: 'id/SEC-150', description: 'The pooler sees nothing malformed' },
  { name: 'id/SESS-001', description: 'Full claim set is injected' },
  { name: 'id/SESS-002', description: 'Subject is injected' },
  { name: 'id/SESS-003', description: 'Role is injected' },
  { name: 'id/SESS-004', description: 'E-mail is injected' },
  { name: 'id/SESS-005', description: 'Custom claims are injected' },
  { name: 'id/SESS-006', description: 'Nested claims are reachable' },
  { name: 'id/SESS-007', description: 'Settings do not survive the session' },
  { name: 'id/SESS-008', description: 'Hostile claim values are inert' },
  { name: 'id/SHARD-001', description: 'Single-shard SELECT goes to its shard' },
  { name: 'id/SHARD-002', description: 'Multi-shard SELECT merges results' },
  { name: 'id/SHARD-003', description: 'INSERT lands on the right shard' },
  { name: 'id/SHARD-004', description: 'UPDATE reaches the right shard' },
  { name: 'id/SHARD-005', description: 'DELETE reaches the right shard' },
  { name: 'id/SHARD-006', description: 'Router hash equals orochi_hash()' },
  { name: 'id/SHARD-007', description: 'Joins over shards are right' },
  { name: 'id/SHARD-008', description: 'Sorting over shards is right' },
  { name: 'id/SHARD-009', description: 'Grouping over shards is right' },
  { name: 'id/SHARD-010', description: 'Two-phase commit succeeds' },
  { name: 'id/SHARD-011', description: 'Two-phase commit rolls back on failure' },
  { name: 'id/SHARD-012', description: 'Shard key is found in the query' },
  { name: 'id/SHARD-013', description: 'Co-located join stays on one shard' },
  { name: 'id/SHARD-014', description: 'Shard key can come from the token' },
  { name: 'id/SHARD-015', description: 'INSERT key is read from VALUES' },
  { name: 'id/SHARD-016', description: 'UPDATE key is read from WHERE' },
  { name: 'id/SHARD-017', description: 'Bind parameters are routed' },
  { name: 'id/SHARD-018', description: 'Shard map is cached and refreshed' },
  { name: 'id/SHARD-019', description: 'UUID keys are routed' },
  { name: 'id/SHARD-020', description: 'One-shard transaction needs no 2PC' },
  { name: 'id/SHARD-021', description: 'Explicit rollback leaves nothing' },
  { name: 'id/SHARD-022', description: 'Reference table joins anywhere' },
  { name: 'id/SHARD-101', description: 'The pooler can be told to route by orochi_hash' },
  { name: 'id/SHARD-102', description: "An INSERT of several rows is split by the pooler's own hash" },
  { name: 'id/SHARD-103', description: 'As it comes, the pooler copies no row' },
  { name: 'id/SHARD-104', description: 'What cannot be merged is refused' },
  { name: 'id/SHARD-105', description: 'A sharding key whose name needs quotes is known' },
  { name: 'id/SQLI-001', description: 'Injection in the shard key' },
  { name: 'id/SQLI-002', description: 'Injection in session settings' },
  { name: 'id/SQLI-003', description: 'Injection in comments' },
  { name: 'id/SQLI-004', description: 'Stored hostile text stays inert' },
  { name: 'id/SQLI-005', description: 'Bind parameters stay data' },
  { name: 'id/THRU-001', description: 'Read throughput' },
  { name: 'id/THRU-002', description: 'Write throughput' },
  { name: 'id/THRU-003', description: 'Transaction throughput' },
  { name: 'id/THRU-004', description: 'One hour without fading' },
  { name: 'id/THRU-005', description: 'Burst' },
  { name: 'id/TLS-001', description: 'Plain text is refused' },
  { name: 'id/TLS-002', description: 'Old TLS is refused' },
  { name: 'id/TLS-003', description: 'Client checks the proxy certificate' },
  { name: 'id/TLS-004', description: 'Proxy checks the database certificate' },
  { name: 'id/TLS-005', description: 'Mutual TLS' },
  { name: 'id/TLS-006', description: 'Weak ciphers are off' },
  { name: 'id/TLS-007', description: 'Certificates rotate live' },
  { name: 'id/WAKE-001', description: 'Suspended state is reported' },
  { name: 'id/WAKE-002', description: 'Wake request starts the cluster' },
  { name: 'id/WAKE-003', description: 'Connections queue during the wake' },
  { name: 'id/WAKE-004', description: 'Waiting is bounded' },
  { name: 'id/WAKE-005', description: 'Repeated wake requests are harmless' },
  { name: 'id/WAKE-006', description: 'Cold start meets its target' },
  { name: 'id/WAKE-007', description: 'Whole wake-on-connect path' },
] as const

export type Tag = (typeof tags)[number]['name']
