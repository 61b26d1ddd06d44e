/** The completion checklist as Markdown, phase by phase. */
import { byHeading, stateText, type Answer } from './checklist.ts'
import { ageText, countBy, markdownCell } from './words.ts'

export interface ChecklistHead {
  readonly title: string
  /** Time of the report, ms. */
  readonly now: number
}

export function checklistMarkdown(answers: readonly Answer[], { title, now }: ChecklistHead): string {
  const sections = [...byHeading(answers)].flatMap(([heading, ones]) => [
    `## ${heading}`,
    '',
    `${ones.filter((one) => one.state === 'proved').length} of ${ones.length} proved`,
    '',
    '| id | title | state | evidence | lacking |',
    '| --- | --- | --- | --- | --- |',
    ...ones.map((one) => rowText(one, now)),
    '',
  ])
  const counts = [...countBy(answers, (one) => one.state)].map(([state, count]) => `${count} ${state}`)
  return [
    '# Completion checklist',
    '',
    `${title}, ${new Date(now).toISOString()}.`,
    '',
    `${counts.join(', ')}.`,
    '',
    ...legend,
    '',
    ...sections,
  ].join('\n')
}

const legend = [
  'An entry whose proof runs through the pooler counts on PgDog only; what is proved on the reference router only is missing here.',
  'Evidence: entry, verdict, pooler, run, fingerprint of the system, age.',
]

function rowText(answer: Answer, now: number): string {
  const cells = [answer.id, answer.title, `**${stateText(answer)}**`, evidenceText(answer, now), answer.why]
  return `| ${cells.map(markdownCell).join(' | ')} |`
}

function evidenceText({ proofs, artefact }: Answer, now: number): string {
  const told = proofs.map(
    (one) => `${one.entry} ${one.verdict} (${one.pooler}, ${one.run}, ${one.fingerprint}, ${ageText(one.at, now)} old)`,
  )
  const { file, sha256, at } = artefact ?? {}
  const seen = file && sha256 && at ? [`${file} (sha256 ${sha256.slice(0, 12)}, ${ageText(at, now)} old)`] : []
  return [...told, ...seen].join('<br>')
}
