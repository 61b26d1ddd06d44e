/** Looks at JSON as text: what a parser hides (keys that occur twice, depth), and the same text in ASCII. */

/** Deeper than any honest token; a bound for whoever walks the value. */
export const maxDepth = 32

export type JsonFault = 'not-json' | 'duplicate-key' | 'too-deep'

/** Parses, and tells what is wrong with a text that should not be trusted: two readers must not see two values in it. */
export function parseStrictly(text: string): { readonly value: unknown } | { readonly fault: JsonFault } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { fault: 'not-json' }
  }
  const fault = findFault(text)
  return fault === null ? { value } : { fault }
}

/** Walks a text that is JSON, from string to bracket to string; everything between is of no interest. */
function findFault(text: string): JsonFault | null {
  const open: (Set<string> | null)[] = []
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (token === '{' || token === '[') {
      open.push(token === '{' ? new Set() : null)
      if (open.length > maxDepth) return 'too-deep'
    } else if (token === '}' || token === ']') open.pop()
    else if (isKey(text, index + token.length) && isTwice(open.at(-1), token)) return 'duplicate-key'
  }
  return null
}

/** In JSON a string is a key exactly if a colon follows. */
function isKey(text: string, end: number): boolean {
  let at = end
  while (/\s/.test(text.charAt(at))) at++
  return text[at] === ':'
}

function isTwice(keys: Set<string> | null | undefined, token: string): boolean {
  const key = JSON.parse(token) as string
  const twice = keys?.has(key) ?? false
  keys?.add(key)
  return twice
}

/** The same JSON in ASCII: what is beyond can stand in strings only, and is written as \uXXXX there. Nothing else is touched. */
export function toAscii(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[^\0-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
