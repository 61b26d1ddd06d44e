/** The decisions of the router, each a plain function that can be replaced by another: what makes a pooler right or wrong stands here. */
import { createHash } from 'node:crypto'
import { backendType, type Frame, type TransactionStatus } from '../wire/index.ts'
import type { PoolMode } from './config-pool.ts'
import { discardSession, type CleanUp } from './pool/clean-up.ts'
import { transactionPooling, type PoolPolicy } from './pool/pool.ts'
import { chooseServer, type ChooseServer } from './replicas/choice.ts'
import type { Analysis } from './routing/analysis.ts'
import type { ShardOf } from './routing/hash.ts'
import { openSocket } from './server/secure.ts'
import type { Step } from './twophase/coordinator.ts'
import { applySql, type Parameters } from './sql/parameters.ts'

export interface PoolLevels {
  readonly serversActive: number
  readonly serversIdle: number
  readonly waiting: number
}

export interface Pieces {
  /** How many server connections there are, and whether one may serve another client. */
  readonly pool: PoolPolicy
  /** Whether the client keeps its server connection when nothing is in flight. */
  readonly keepServer: (state: { readonly status: TransactionStatus; readonly pinned: boolean; readonly mode: PoolMode }) => boolean
  /** Whether a client may open transactions. */
  readonly allowsTransactions: (mode: PoolMode) => boolean
  /** What the counters say of the pools. */
  readonly tellLevels: (levels: PoolLevels) => PoolLevels
  /** Statements that undo what a client left on a connection. */
  readonly cleanUp: CleanUp
  /** The statement that gives a client's parameters to a server session, or null. */
  readonly replay: (parameters: Parameters) => string | null
  /** Name of a prepared statement on the server; equal names must mean equal statements. */
  readonly statementName: (statement: { readonly clientName: string; readonly parse: Buffer; readonly meaning: string }) => string
  /** The hash that names a key's shard; `configured` is the one of the configuration. */
  readonly shardOf: (configured: ShardOf) => ShardOf
  /** Whether a transaction that was begun with this text writes: only then a replica may have it. */
  readonly transactionWish: (begin: string) => 'read' | 'write'
  /** Which server of a shard answers. */
  readonly chooseServer: ChooseServer
  /** Whether a standby may answer a statement outside of a transaction. */
  readonly isRead: (analysis: Analysis) => boolean
  /** Which of the shards that have to be asked are asked. */
  readonly chooseShards: (shards: readonly number[]) => readonly number[]
  /** Rows of one INSERT by shard, as places in its list. */
  readonly splitRows: (rows: ReadonlyMap<number, readonly number[]>) => ReadonlyMap<number, readonly number[]>
  /** Whether what so many shards have written is committed in two phases. */
  readonly usesTwoPhases: (writers: number) => boolean
  /** Whether decisions are written down before they are carried out. */
  readonly keepsDecision: boolean
  /** The way to a server, encrypted and verified where the configuration says so. */
  readonly openSocket: typeof openSocket
  /** Told of each step of a commit in two phases. */
  readonly passStep: (step: Step) => void
  /** How long a server may take to let the router in. */
  readonly connectDeadlineMs: (connectTimeoutMs: number) => number
  /** A message of a result, or a piece of one, on its way to the client; null drops it. */
  readonly passResult: (frame: Frame) => Buffer | null
  /** An ErrorResponse on its way to the client; null drops it. */
  readonly passError: (message: Buffer) => Buffer | null
}

/** Named by content and by all that changes its meaning, so that clients share it and nobody meets another's. */
export const nameByContent: Pieces['statementName'] = ({ parse, meaning }) =>
  `orochi_${createHash('sha256').update(meaning).update('\0').update(parse).digest('hex').slice(0, 40)}`

export const honestPieces: Pieces = {
  pool: transactionPooling,
  keepServer: ({ status, pinned, mode }) => mode === 'session' || status !== 'I' || pinned,
  allowsTransactions: (mode) => mode !== 'statement',
  tellLevels: (levels) => levels,
  cleanUp: discardSession,
  replay: applySql,
  statementName: nameByContent,
  shardOf: (configured) => configured,
  transactionWish: (begin) => (/\bREAD\s+ONLY\b/i.test(begin) ? 'read' : 'write'),
  chooseServer,
  isRead: ({ readOnly, prefersPrimary }) => readOnly && !prefersPrimary,
  chooseShards: (shards) => shards,
  splitRows: (rows) => rows,
  usesTwoPhases: (writers) => writers > 1,
  keepsDecision: true,
  openSocket,
  passStep: () => {},
  connectDeadlineMs: (connectTimeoutMs) => connectTimeoutMs,
  passResult: (frame) => frame.bytes,
  passError: (message) => message,
}

/** Letters that `passResult` sees: rows, their description, and copy data. */
export const resultTypes: ReadonlySet<number> = new Set([backendType.dataRow, backendType.copyData, backendType.rowDescription])
