/** The known word that a misspelt one probably meant. */

/** The nearest of `known`, if it is near enough to be meant. */
export function nearest(word: string, known: Iterable<string>): string | null {
  let best: string | null = null
  let bestDistance = Math.min(word.length, Math.max(2, Math.floor(word.length / 3)) + 1)
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}

/** Words for the end of a message: the one that was meant, or those there are if they are few. */
export function hint(word: string, known: Iterable<string>): string {
  const all = [...known]
  const best = nearest(word, all)
  if (best !== null) return `did you mean "${best}"?`
  return all.length <= 24 ? `known here: ${all.join(', ')}` : `none of the ${all.length} known ones is like it`
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
