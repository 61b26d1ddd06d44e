/** Canaries: every secret this run made, so that logs, metrics and error texts can be searched for any part of one. */

export interface Secrets {
  /** A token (its three parts are watched apart) or a password. */
  watch(secret: string, what: string): void
  /** The first secret that shows in a text, by what it is; never the secret itself. */
  findIn(text: string): string | null
  /** The text with every watched secret replaced by what it is. */
  blank(text: string): string
}

/** Shorter parts would match by chance. */
const shortestWatched = 12

export function watchSecrets(): Secrets {
  const watched = new Map<string, string>()
  return {
    watch(secret, what) {
      const parts = secret.split('.')
      const pieces =
        parts.length === 3
          ? parts.map((part, i) => [part, `${what} (${['header', 'payload', 'signature'][i]})`] as const)
          : [[secret, what] as const]
      for (const [piece, name] of pieces) if (piece.length >= shortestWatched) watched.set(piece, name)
    },
    findIn(text) {
      for (const [piece, name] of watched) if (text.includes(piece)) return name
      return null
    },
    blank(text) {
      let blanked = text
      for (const [piece, name] of watched) blanked = blanked.replaceAll(piece, `<${name}>`)
      return blanked
    },
  }
}
