/** Cuts secrets out of texts before they are kept: tokens, passwords, claims, and whatever looks like one of them. */

/** What stands where one was. */
export const blanked = '<blanked>'

const patterns: readonly RegExp[] = [
  // A token, also one that was cut off.
  /eyJ[\w-]*(?:\.[\w-]*)*/g,
  /SCRAM-SHA-256\S*/g,
  /\bmd5[0-9a-f]{8,}/gi,
  // Signed claims and payloads, as JSON objects that may be cut off.
  /\{\s*"[^{}]*\}?/g,
  // Long runs of base64 or hexadecimal digits.
  /(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Za-z])[\w+/=-]{24,}/g,
]

/** A name whose value is secret, in SQL: `password '…'`, `set orochi.claims = '…'`, `set_config('request.jwt.claims', '…', …)`. */
const named = /((?:password|(?:orochi|request)\.[\w.]+)'?"?\s*(?:=|,|to\b|\s)\s*)(?:[eE]?'(?:[^']|'')*'?|\$\w*\$[\s\S]*|[^\s,;)]+)/gi

export function blank(text: string): string {
  const withoutNamed = text.replaceAll(named, `$1${blanked}`)
  return patterns.reduce((left, pattern) => left.replaceAll(pattern, blanked), withoutNamed)
}

/** Whether the value of a start-up parameter is not to be kept. */
export function isSecretParameter(name: string): boolean {
  return /^(orochi|request|pgdog)\.|password|token|options/i.test(name)
}
