/** Connections that come, are let in and go again, one after the other: how long it takes until one may ask. */
import type { Block } from './block.ts'
import { GeneratorClient, type Way } from './client.ts'
import { wallMs } from './pacer.ts'

/** Each time is that from the first packet to ReadyForQuery; going is not counted. */
export async function comeAndGo(way: Way, count: number): Promise<Block> {
  const [times, start]: [number[], number] = [[], wallMs()]
  let [errors, trouble] = [0, '']
  for (let n = 0; n < count; n++) {
    const came = wallMs()
    try {
      const client = await GeneratorClient.open(way)
      times.push(wallMs() - came)
      await client.close()
    } catch (cause) {
      errors++
      trouble ||= (cause as Error).message
    }
  }
  const counts = { scheduled: count, sent: count, dropped: 0, errors, trouble }
  return { times: Float64Array.from(times), ...counts, lateness: new Float64Array(0), elapsedMs: wallMs() - start }
}
