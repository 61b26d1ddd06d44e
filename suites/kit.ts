/**
 * The composition root of the suites: joins the specification, a running stack, clients and proofs into `spec(id, body)`.
 *
 * A test file wishes its topology once and proves the clauses of its entries:
 *
 *     const spec = wish({ pooler: { poolSize: 5 } })
 *     spec('CONN-005', async ({ connect, prove }) => { … await prove('bounded', () => expect(pids.size).toBeLessThanOrEqual(5)) })
 *
 * An assertion outside `prove` proves nothing and makes the entry unknown. Nothing is tried twice.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { test } from 'vitest'
import { randomFrom } from '../fixtures/random.ts'
import { mint, type Overrides } from '../fixtures/tokens.ts'
import type { ClauseKeys, EntryId } from '../spec/generated/ids.ts'
import type { Budgets } from '../spec/entry.ts'
import { loadSpec } from '../spec/load.ts'
import { digestSources, kitSources, partSources } from '../spec/sources.ts'
import { isUndecided } from '../spec/undecided.ts'
import { foldEvidence, surpriseOf } from '../spec/verdict.ts'
import { limitMs } from '../stack/limits.ts'
import type { Stack } from '../stack/stack.ts'
import type { Topology, TopologyWish } from '../stack/topology.ts'
import type { MeasuredResult } from '../perf/result.ts'
import { profileOf, type Profile } from '../perf/measure.ts'
import { openClients, type Clients } from './kit/clients.ts'
import { openEvidence } from './kit/evidence-log.ts'
import { meetGateway, type Gateway } from './kit/gateway.ts'
import { groundsOf } from './kit/grounds.ts'
import { concluder } from './kit/measured.ts'
import { readRun } from './kit/run.ts'
import { watchSecrets } from './kit/secrets.ts'
import { keepStacks, wishedTopology } from './kit/stacks.ts'
import { tryEntry, type Scene, type Stage } from './kit/trial.ts'

/** What the body of an entry is given. */
export interface Trial<I extends EntryId> extends Pick<Clients, 'connect' | 'postgres' | 'psql'> {
  readonly stack: Stack
  readonly gateway: Gateway
  /** A signed token for this stack; overrides as in fixtures/tokens.ts. It is watched as a secret. */
  mint(overrides?: Overrides): Promise<string>
  /** Discharges one clause: an assertion that fails inside refutes it. Returns whether it held. */
  prove(clause: ClauseKeys[I], assertions: () => unknown): Promise<boolean>
  /** Records a figure with its unit. */
  measure(name: string, value: number, unit: string): void
  /** Discharges a clause by what was measured: the result goes with the evidence, and its interval decides. */
  conclude(result: MeasuredResult & { readonly clause: ClauseKeys[I] }): Promise<boolean>
  /** How much is measured. */
  readonly profile: Profile
  /** Keeps a file with the evidence. */
  attach(name: string, content: string | Buffer): void
  /** Where this entry keeps what it has recorded. */
  readonly folder: string
  /** What the entry grants while faults last. */
  readonly budgets: Budgets
  /** Path of a file with the authority's certificate, for clients that want a file. */
  caFile(): string
  /** This entry's own seed and the generator made from it. */
  readonly seed: string
  readonly random: () => number
  /** Fires when the time limit of the entry is over. */
  readonly signal: AbortSignal
}

export type Body<I extends EntryId> = (trial: Trial<I>) => Promise<void>
export type Spec = <I extends EntryId>(id: I, body: Body<I>) => void

const run = readRun()
const book = loadSpec(process.env['OROCHI_SPEC_DIR'])
const log = openEvidence(run.dir)
const secrets = watchSecrets()
const kitDigest = digestSources(kitSources)
const partsDigest = digestSources([...partSources, ...Object.values(run.programs)])
const projectRoot = join(import.meta.dirname, '..')

/** The stage lives as long as the worker, across test files; the last file's end takes the stacks down. */
const withStage = test.extend('stage', { scope: 'worker' }, ({}, { onCleanup }): Stage => {
  const stacks = keepStacks(run, log)
  onCleanup(() => stacks[Symbol.asyncDispose]())
  return { run, log, secrets, stacks }
})

/** `spec` on the default topology. */
export const spec: Spec = wish({})

/** `spec` bound to a topology: the wish is laid over the command line's and the default. */
export function wish(topology: TopologyWish): Spec {
  return specOn(topology, '')
}

/** The same entries on several topologies: a promise that is to hold on each has a verdict on each. Entries of one topology share its stack. */
export function wishEach(topologies: readonly TopologyWish[], define: (spec: Spec) => void): void {
  for (const [at, topology] of topologies.entries()) define(specOn(topology, ` (${at + 1} of ${topologies.length})`))
}

function specOn(topology: TopologyWish, which: string): Spec {
  const wished = wishedTopology(run, topology)
  return (id, body) => register(id, body, wished, which)
}

function register<I extends EntryId>(id: I, body: Body<I>, topology: Topology, which: string): void {
  const entry = book.entries.get(id)
  if (entry === undefined) throw new Error(`${id} is not in the specification`)
  const timeLimitMs = limitMs('entry', entry.timeoutMs)
  const raiseLimitMs = limitMs('stack-start')
  const options = { tags: tagsOf(entry), timeout: timeLimitMs + raiseLimitMs + limitMs('entry-aftermath') }
  withStage(`${id} ${entry.title}${which}`, options, async ({ stage, task, skip }) => {
    const testFile = relative(projectRoot, task.file.filepath)
    const plan = { entry, topology, testFile, grounds: groundsOf(entry, testFile, kitDigest, partsDigest), timeLimitMs, raiseLimitMs }
    const since = log.lines.length
    const outcome = await tryEntry(stage, plan, (scene) => setScene(id, scene, body))
    if (outcome.verdict === 'unsupported') skip(outcome.why)
    const [folded] = foldEvidence(entry, log.lines.slice(since))
    if (folded !== undefined && isUndecided(entry, folded)) skip(folded.why)
    const surprise = folded === undefined ? 'there is no evidence' : surpriseOf(entry, folded, folded.setting.pooler)
    if (surprise !== null && folded?.verdict !== 'unsupported') throw new Error(`${id}: ${surprise}`)
  })
}

function tagsOf(entry: { id: string; family: string; priority: string; needs: readonly string[] }): string[] {
  return [
    `suite/${entry.family.toLowerCase()}`,
    `prio/${entry.priority.toLowerCase()}`,
    `id/${entry.id}`,
    ...entry.needs.map((need) => `needs/${need}`),
  ]
}

async function setScene<I extends EntryId>(id: I, scene: Scene, body: Body<I>): Promise<void> {
  const { stack, clauses, seed, signal } = scene
  const mintWatched = async (overrides?: Overrides) => {
    const { issuer, audience, keyId, privateKeyFile } = stack.issuer
    const token = await mint({ issuer, audience, keyId, privateKeyPem: readFileSync(privateKeyFile, 'utf8') }, overrides)
    secrets.watch(token, 'token')
    return token
  }
  const folder = `attachments/${id}-${stack.setting.pooler}-${run.attempt}`
  for (const login of [stack.pooler, stack.server(0)]) secrets.watch(login.password, `password of ${login.user}`)
  await using clients = openClients(stack, mintWatched, secrets)
  const measure = (name: string, value: number, unit: string) =>
    log.append({ kind: 'measured', entry: id, attempt: run.attempt, name, value, unit })
  const attach = (name: string, content: string | Buffer) =>
    log.append({
      kind: 'attached',
      entry: id,
      attempt: run.attempt,
      name,
      ...log.store(`${folder}/${name}`, content),
    })
  await body({
    stack,
    seed,
    signal,
    random: randomFrom(seed),
    gateway: meetGateway(stack, secrets),
    mint: mintWatched,
    connect: clients.connect,
    postgres: clients.postgres,
    psql: clients.psql,
    prove: clauses.prove,
    measure,
    attach,
    conclude: concluder({ prove: clauses.prove, measure, attach }),
    profile: profileOf(run.profile),
    folder: join(log.dir, folder),
    budgets: book.entries.get(id)?.budgets ?? {},
    caFile: () => writeCa(stack),
  })
}

function writeCa(stack: Stack): string {
  const file = join(stack.dir, 'ca.crt')
  writeFileSync(file, stack.door.ca)
  return file
}
