/** Canaries: every secret this run made, so that logs, metrics and error texts can be searched for any part of one. */

export interface Secrets {
  /** A token (its three parts are watched apart) or a password. */
  watch(secret: string, what: string): void
  /** Searches a text that nobody may find a secret in; what shows is remembered by what it is and where, never the secret itself. */
  search(text: string, where: string): void
  /** What has shown since the last look, as `where: what`, each once. */
  takeFound(): readonly string[]
  /** The text with every watched secret replaced by what it is. */
  blank(text: string): string
}

/** Shorter parts would match by chance. */
const shortestWatched = 12

export function watchSecrets(): Secrets {
  const watched = new Map<string, string>()
  const found = new Set<string>()
  return {
    watch(secret, what) {
      const parts = secret.split('.')
      const pieces =
        parts.length === 3
          ? parts.map((part, i) => [part, `${what} (${['header', 'payload', 'signature'][i]})`] as const)
          : [[secret, what] as const]
      for (const [piece, name] of pieces) if (piece.length >= shortestWatched) watched.set(piece, name)
    },
    search(text, where) {
      for (const [piece, name] of watched) if (text.includes(piece)) found.add(`${where}: ${name}`)
    },
    takeFound() {
      const taken = [...found]
      found.clear()
      return taken
    },
    blank(text) {
      let blanked = text
      for (const [piece, name] of watched) blanked = blanked.replaceAll(piece, `<${name}>`)
      return blanked
    },
  }
}
