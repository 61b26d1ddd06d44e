/** Makes a script that shows a fault as small as it will go while it still shows it. */
import { kindOf, type Arena, type Complaint } from './arena.ts'
import { wait } from './line.ts'
import type { Act, Script } from './script.ts'

export interface Shrunk {
  readonly script: Script
  readonly said: Buffer
  /** Whether it showed the fault when it was played alone at all. */
  readonly repeats: boolean
}

/** Tries one script alone; the words of its complaint if it is of that kind, and what was sent. */
export async function show(arena: Arena, script: Script, complaint: Complaint): Promise<Buffer | null> {
  if (!arena.alive()) await arena.revive()
  arena.takeComplaints()
  const { complaints, said } = await arena.tryOut(script, 0)
  await wait(50)
  const all = [...complaints, ...arena.takeComplaints(), ...(arena.alive() ? [] : [`it died: ${arena.death()}`])]
  const wanted = complaint.startsWith('it died') ? 'it died' : kindOf(complaint)
  return all.some((text) => kindOf(text).startsWith(wanted)) ? said : null
}

export async function shrink(arena: Arena, script: Script, complaint: Complaint, patienceMs = 30_000): Promise<Shrunk> {
  const until = performance.now() + patienceMs
  const first = await show(arena, script, complaint)
  if (first === null) return { script, said: Buffer.alloc(0), repeats: false }
  let best = { script, said: first }
  for (let found = true; found && performance.now() < until;) {
    found = false
    for (const smaller of smallerOnes(best.script)) {
      if (performance.now() > until) break
      const said = await show(arena, smaller, complaint)
      if (said === null) continue
      best = { script: smaller, said }
      found = true
      break
    }
  }
  return { ...best, repeats: true }
}

/** Without an act, without an edit, in one write, with shorter texts. */
function* smallerOnes(script: Script): Generator<Script> {
  const { acts } = script
  for (let size = acts.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at + size <= acts.length; at += size) yield { ...script, acts: acts.toSpliced(at, size) }
  }
  for (const [index, act] of acts.entries()) {
    for (const simpler of simplerOnes(act)) yield { ...script, acts: acts.with(index, simpler) }
  }
}

function* simplerOnes(act: Act): Generator<Act> {
  if (act.act !== 'say') return
  if (act.cuts.length > 0) yield { ...act, cuts: [] }
  for (const index of act.edits.keys()) yield { ...act, edits: act.edits.toSpliced(index, 1) }
  const { parameters } = act.message
  if (Array.isArray(parameters)) {
    for (const index of parameters.keys())
      yield { ...act, message: { ...act.message, parameters: parameters.toSpliced(index, 1) as unknown } }
  }
}
