/** Times as an HDR histogram: small on disk, exact to three digits, and any percentile can be read from it later. */
import * as hdr from 'hdr-histogram-js'

const longestUs = 600_000_000

/** Of times in ms: compressed base64 of a histogram in µs. */
export function encodeTimes(blocks: readonly Float64Array[]): string {
  const histogram = empty()
  for (const times of blocks) for (const ms of times) histogram.recordValue(Math.min(longestUs, Math.max(0, Math.round(ms * 1000))))
  return hdr.encodeIntoCompressedBase64(histogram)
}

/** Reads shares in ms out of an encoded histogram. */
export function percentilesOf(encoded: string, shares: readonly number[] = [0.5, 0.9, 0.99, 0.999]): Readonly<Record<string, number>> {
  const histogram = hdr.decodeFromCompressedBase64(encoded)
  return Object.fromEntries(shares.map((share) => [String(share), histogram.getValueAtPercentile(share * 100) / 1000]))
}

function empty(): hdr.Histogram {
  return hdr.build({ lowestDiscernibleValue: 1, highestTrackableValue: longestUs, numberOfSignificantValueDigits: 3, autoResize: false })
}
