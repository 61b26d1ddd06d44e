/** Writes the source of `generated/ids.ts`: ids, clause names and tags as types, in the form the formatter wants. */
import { capabilities } from './capability.ts'
import type { Entry } from './entry.ts'
import { priorities } from './family-schema.ts'

const width = 140

export interface Tag {
  readonly name: string
  readonly description: string
}

/** The whole text of the module. */
export function idsSource(entries: readonly Entry[]): string {
  const parts = [
    `/** Made from spec/families by \`npm run spec\`; written by no hand. Names of entries, of their clauses, and the tags of their tests. */\n`,
    `/** The clauses of each entry. */`,
    `export interface ClauseKeys {`,
    ...entries.map(clauseLine),
    `}\n`,
    `/** The id of an entry of the catalogue. */`,
    `export type EntryId = keyof ClauseKeys\n`,
    `/** Every tag a test can carry, for the configuration of vitest. */`,
    `export const tags = [`,
    ...tagsOf(entries).map(tagLine),
    `] as const\n`,
    `export type Tag = (typeof tags)[number]['name']`,
  ]
  return `${parts.join('\n')}\n`
}

/** The tags of the suites: families, priorities, needs and ids. */
export function tagsOf(entries: readonly Entry[]): Tag[] {
  const families = [...new Set(entries.map((entry) => entry.family))]
  return [
    ...families.map((family) => ({ name: `suite/${family.toLowerCase()}`, description: `entries of ${family}` })),
    ...priorities.map((priority) => ({ name: `prio/${priority.toLowerCase()}`, description: `entries of priority ${priority}` })),
    ...Object.entries(capabilities).map(([name, text]) => ({ name: `needs/${name}`, description: `needs: ${text}` })),
    ...entries.map((entry) => ({ name: `id/${entry.id}`, description: entry.title })),
  ]
}

function clauseLine(entry: Entry): string {
  const keys = entry.clauses.map((clause) => `'${clause.key}'`)
  const line = `  '${entry.id}': ${keys.join(' | ')}`
  return line.length <= width ? line : `  '${entry.id}':\n${keys.map((key) => `    | ${key}`).join('\n')}`
}

function tagLine({ name, description }: Tag): string {
  const line = `  { name: ${quote(name)}, description: ${quote(description)} },`
  return line.length <= width ? line : `  {\n    name: ${quote(name)},\n    description: ${quote(description)},\n  },`
}

/** The quotes that need fewer escapes, single ones if equal. */
function quote(text: string): string {
  const double = text.includes("'") && !text.includes('"')
  const mark = double ? '"' : "'"
  return mark + text.replaceAll('\\', '\\\\').replaceAll(mark, `\\${mark}`) + mark
}
