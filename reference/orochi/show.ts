/** Tables for people and documents for programs. */
import Table from 'cli-table3'
import { makePaint, printable, type Outlet, type Paint, type Surroundings } from './terminal.ts'

export interface Show {
  readonly json: boolean
  readonly paint: Paint
  readonly out: Outlet
  /** One document, or a table's text. */
  print(document: unknown, text: () => string): void
  /** Goes to standard error, and only to people. */
  note(text: string): void
}

export function makeShow(json: boolean, { out, err, env }: Surroundings): Show {
  return {
    json,
    paint: makePaint(out, env),
    out,
    print: (document, text) => void out.write(json ? `${JSON.stringify(document)}\n` : `${text()}\n`),
    note: (text) => void (json || err.write(`${text}\n`)),
  }
}

type Cell = string | number | boolean | null | undefined

/** Without lines, as it is to be read and cut by columns. */
export function table(paint: Paint, head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const made = new Table({
    head: head.map((word) => paint('bold', word)),
    style: { head: [], border: [], 'padding-left': 0 },
    chars: noLines,
  })
  made.push(...rows.map((row) => row.map(cellText)))
  return made.toString().replace(/ +$/gm, '')
}

/** A name and a value a line. */
export function pairs(paint: Paint, rows: readonly (readonly [string, Cell])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `${paint('dim', name.padEnd(width))}  ${cellText(value)}`).join('\n')
}

export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '-'
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  return typeof value === 'number' ? numberText(value) : printable(typeof value === 'string' ? value : JSON.stringify(value))
}

const numberText = (value: number) => (Number.isInteger(value) ? String(value) : value.toFixed(2))

/** Painted after it was made harmless: a colour is an escape, too. */
export function paintState(paint: Paint, state: string): string {
  const style = state === 'active' || state === 'running' ? 'green' : state === 'suspended' ? 'dim' : 'yellow'
  return paint(style, printable(state))
}

const noLines = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left', 'left-mid', 'mid', 'mid-mid']
    .concat(['right', 'right-mid', 'middle'])
    .map((place) => [place, place === 'middle' ? ' ' : '']),
)
