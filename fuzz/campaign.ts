/** Plays scripts on a target for a while, many at a time, with good clients among them, and gathers what was found. */
import { kindOf, type Arena, type Complaint } from './arena.ts'
import { think } from './generate.ts'
import { wait } from './line.ts'
import { randomFrom } from './random.ts'
import type { Leg, Script } from './script.ts'

export interface Finding {
  readonly complaint: Complaint
  /** Null when it belongs to no script that could be told. */
  readonly script: Script | null
  readonly seed: string
  readonly said: Buffer
}

export interface Campaign {
  readonly leg: Leg
  readonly seed: string
  readonly ms: number
  /** It ends when so many kinds of finding were made. */
  readonly mostFindings: number
}

export interface CampaignResult {
  readonly scripts: number
  readonly goodClients: number
  readonly findings: readonly Finding[]
}

/** A packet kills at once; what takes longer than this waits for a deadline. */
const suspectMs = 1500

interface State {
  readonly findings: Map<string, Finding>
  readonly playing: Map<number, { readonly script: Script; readonly seed: string }>
  scripts: number
  goodClients: number
  reviving: Promise<void> | null
}

export async function conductCampaign(arena: Arena, campaign: Campaign): Promise<CampaignResult> {
  const state: State = { findings: new Map(), playing: new Map(), scripts: 0, goodClients: 0, reviving: null }
  const until = performance.now() + campaign.ms
  const goesOn = () => performance.now() < until && state.findings.size < campaign.mostFindings
  const workers = Array.from({ length: arena.slots }, (_, slot) => work(arena, campaign, state, slot, goesOn))
  await Promise.all([...workers, sendGoodClients(arena, campaign, state, goesOn)])
  await state.reviving
  const last = state.findings.size > 0 ? [] : [...arena.takeComplaints(), ...(await arena.settle())]
  for (const complaint of last) note(state, { complaint, script: null, seed: campaign.seed, said: Buffer.alloc(0) })
  return { scripts: state.scripts, goodClients: state.goodClients, findings: [...state.findings.values()] }
}

async function work(arena: Arena, { leg, seed }: Campaign, state: State, slot: number, goesOn: () => boolean): Promise<void> {
  while (goesOn()) {
    await state.reviving
    const own = `${seed}/${leg}/${state.scripts++}`
    const script = think(leg, randomFrom(own))
    state.playing.set(slot, { script, seed: own })
    const { complaints, said } = await arena.tryOut(script, slot)
    if (!arena.alive()) {
      state.reviving ??= findKiller(arena, state)
      continue
    }
    if (state.reviving === null) for (const complaint of complaints) note(state, { complaint, script, seed: own, said })
  }
  state.playing.delete(slot)
}

/** It died: of one of those that were playing. Each is tried alone on a fresh one, until one kills it again. */
async function findKiller(arena: Arena, state: State): Promise<void> {
  const suspects = [...state.playing.values()]
  const death = arena.death()
  let killer: Finding | null = null
  for (const [index, { script, seed }] of suspects.entries()) {
    if (index === 0 || !arena.alive()) await arena.revive()
    const { said } = await Promise.race([
      arena.tryOut(script, index % arena.slots),
      wait(suspectMs).then(() => ({ said: Buffer.alloc(0) })),
    ])
    await wait(50)
    if (!arena.alive()) {
      killer = { complaint: `it died: ${arena.death()}`, script, seed, said }
      break
    }
  }
  note(state, killer ?? { complaint: `it died: ${death}`, script: null, seed: suspects[0]?.seed ?? '', said: Buffer.alloc(0) })
  if (!arena.alive()) await arena.revive()
  state.reviving = null
}

async function sendGoodClients(arena: Arena, { seed }: Campaign, state: State, goesOn: () => boolean): Promise<void> {
  while (goesOn()) {
    await wait(100)
    if (state.reviving !== null || !arena.alive()) continue
    const complaint = await arena.serveGood()
    state.goodClients++
    // Its death may not be known yet.
    if (complaint !== null) await wait(500)
    if (complaint !== null && arena.alive() && state.reviving === null)
      note(state, { complaint, script: null, seed, said: Buffer.alloc(0) })
    for (const text of arena.takeComplaints()) note(state, { complaint: text, script: null, seed, said: Buffer.alloc(0) })
  }
}

function note({ findings }: State, finding: Finding): void {
  const kind = kindOf(finding.complaint)
  const known = findings.get(kind)
  if (known === undefined || (known.script === null && finding.script !== null)) findings.set(kind, finding)
}
