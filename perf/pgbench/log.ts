/** Reads the log that `pgbench -l` writes with `-R`: one line for each transaction, its latency counted from its scheduled instant. */

export interface PgbenchLog {
  /** From the scheduled instant to the end, ms, in the order they ended. */
  readonly times: Float64Array
  /** How long after its instant each was begun, ms: waiting for a free connection is part of it. */
  readonly lag: Float64Array
  /** Too late to be worth beginning (`-L`). */
  readonly skipped: number
  readonly failed: number
}

/** `client transaction time script epoch-s epoch-us lag [retries]`; time is a number of µs, `skipped`, or `failed` and kinds of it. */
const pattern = /^\d+ \d+ (\d+|skipped|failed|serialization|deadlock) \d+ \d+ \d+ (\d+)(?: \d+)?$/

/** Throws on the first line that is none: a figure made of half a log is worth nothing. */
export function readPgbenchLog(texts: readonly string[]): PgbenchLog {
  const [times, lag]: [number[], number[]] = [[], []]
  let [skipped, failed] = [0, 0]
  for (const line of texts.flatMap((text) => text.split('\n')).filter((row) => row !== '')) {
    const found = pattern.exec(line)
    if (found === null) throw new Error(`pgbench wrote a line that cannot be read: ${line.slice(0, 120)}`)
    const [, time, late] = found
    if (time === 'skipped') skipped++
    else if (/^\d/.test(time!)) {
      times.push(Number(time) / 1000)
      lag.push(Number(late) / 1000)
    } else failed++
  }
  return { times: Float64Array.from(times), lag: Float64Array.from(lag), skipped, failed }
}
