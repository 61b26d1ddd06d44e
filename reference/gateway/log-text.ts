/** How texts that strangers chose are written into the log: short, on one line, and never a token. */

const maxText = 256
/** Longer names than these are none of Postgres's. */
const maxName = 63

/** Claims, details: cut short. */
export function shown(text: string): string {
  return escaped(text.length > maxText ? `${text.slice(0, maxText)}…` : text)
}

/** Names. People do paste a token where one belongs. */
export function shownName(name: string): string {
  return name.length > maxName || looksLikeToken(name) ? '(masked)' : escaped(name)
}

/** `eyJ` is how base64 of a JSON object begins; the rest finds two of three parts without it. */
function looksLikeToken(text: string): boolean {
  return /eyJ|[\w-]{16,}\.[\w-]{8,}/.test(text)
}

/** JSON takes care of control characters below the space only: others move the cursor of a terminal, turn lines around, or end them. */
function escaped(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, (unit) => `\\u{${unit.codePointAt(0)?.toString(16)}}`)
}
