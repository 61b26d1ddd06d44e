/** How far a replica is behind, told from where the primary was at which time: needs no clock but the router's own. */

export interface Sample {
  /** When the primary was asked, ms. */
  readonly at: number
  readonly lsn: bigint
}

/** A place in the write-ahead log, `16/B374D848`. */
export function lsnOf(text: string | null | undefined): bigint | null {
  const found = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text ?? '')
  return found ? (BigInt(`0x${found[1]}`) << 32n) | BigInt(`0x${found[2]}`) : null
}

/** Time of the primary's latest known state that the replica has not reached, ms. `samples` in order of time. */
export function lagMs(samples: readonly Sample[], replayed: bigint): number {
  const newest = samples.at(-1)
  if (!newest) return 0
  const reached = samples.findLast(({ lsn }) => lsn <= replayed)
  return reached ? newest.at - reached.at : Infinity
}
