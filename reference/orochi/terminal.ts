/** Where output goes, and what it may look like there. */
import { styleText } from 'node:util'

export interface Outlet {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly out: Outlet
  readonly err: Outlet
  readonly interrupted: AbortSignal
}

export type Paint = (style: 'bold' | 'dim' | 'green' | 'yellow' | 'red', text: string) => string

/** https://no-color.org: any value but an empty one switches colour off. */
export function makePaint(outlet: Outlet, env: Surroundings['env']): Paint {
  const coloured = outlet.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
  return (style, text) => (coloured ? styleText(style, text, { validateStream: false }) : text)
}

/** Text from elsewhere must not steer the terminal: escapes and other control characters become visible. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (odd) => `\\u{${odd.codePointAt(0)!.toString(16)}}`)
}
