/** The section of our own page that answers the completion checklist, phase by phase. */
import { byHeading, type Answer, type MarkerState } from './checklist.ts'
import { badge, table, text } from './html-text.ts'
import { ageText } from './words.ts'

const headings = ['Marker', 'What', 'State', 'Evidence', 'Lacking']

export function checklistSection(answers: readonly Answer[], now: number): string {
  const groups = [...byHeading(answers)].map(([heading, ones]) => {
    const proved = ones.filter((one) => one.state === 'proved').length
    const rows = ones.map((one) => ({ attributes: ` id="${text(one.id)}"`, cells: cellsOf(one, now) }))
    return `<details><summary><span class="heading">${text(heading)}</span><span class="count">${proved} of ${ones.length} proved</span>${bar(ones)}</summary>${table(headings, rows, `${text(heading)}, marker by marker`)}</details>`
  })
  return `<section id="checklist"><h2>Checklist</h2><p>An entry whose proof runs through the pooler counts on PgDog only.</p>${groups.join('\n')}</section>`
}

const order: readonly MarkerState[] = ['proved', 'refuted', 'unknown', 'unsupported', 'missing', 'needs people', 'superseded']

/** How the states share a group; the words beside it say the same. */
function bar(answers: readonly Answer[]): string {
  const counts = order
    .map((state) => [state, answers.filter((one) => one.state === state).length] as const)
    .filter(([, count]) => count > 0)
  const label = counts.map(([state, count]) => `${count} ${state}`).join(', ')
  let x = 0
  const parts = counts.map(([state, count]) => {
    const width = (count / answers.length) * 100
    const part = `<rect class="${state.replace(' ', '-')}" x="${x.toFixed(2)}" y="0" width="${width.toFixed(2)}" height="4"/>`
    x += width
    return part
  })
  return `<svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" role="img" aria-label="${label}"><title>${label}</title>${parts.join('')}</svg>`
}

function cellsOf(answer: Answer, now: number): readonly string[] {
  const { id, title, state, remark, why } = answer
  const remarked = remark === null ? '' : `<br><small>${text(remark)}</small>`
  return [text(id), text(title), `${badge(state)}${remarked}`, evidenceOf(answer, now), text(why)]
}

/** Long evidence is folded away. */
function evidenceOf({ proofs, artefact }: Answer, now: number): string {
  const told = proofs.map(
    (one) =>
      `<li>${text(one.entry)} ${badge(one.verdict)} <small>${text(one.pooler)}, ${text(one.run)}, ${text(one.fingerprint)}, ${ageText(one.at, now)} old</small></li>`,
  )
  const seen = artefact?.file && artefact.at ? [`<li>${text(artefact.file)} <small>${ageText(artefact.at, now)} old</small></li>`] : []
  const all = [...told, ...seen]
  if (all.length === 0) return ''
  const list = `<ul class="plain">${all.join('')}</ul>`
  return all.length <= 2 ? list : `<details><summary>${all.length} pieces</summary>${list}</details>`
}
