/** Tells when arrivals are due, to a tenth of a millisecond and without keeping a core busy. */
import { Worker } from 'node:worker_threads'

export interface Pacer extends AsyncDisposable {
  /** Calls `onDue` with the number of arrivals due by now, each time there are more; resolves after the last. `offsets` are ms from `origin` (wall time). */
  pace(origin: number, offsets: Float64Array, onDue: (due: number) => void): Promise<void>
}

/** Wall time in ms, finer than Date.now. */
export function wallMs(): number {
  return performance.timeOrigin + performance.now()
}

export async function openPacer(): Promise<Pacer> {
  const shared = new SharedArrayBuffer(4)
  const due = new Int32Array(shared)
  const thread = new Worker(new URL('./pacer-thread.ts', import.meta.url), { workerData: shared })
  await new Promise<void>((resolve, reject) => thread.once('online', resolve).once('error', reject))
  return {
    async pace(origin, offsets, onDue) {
      Atomics.store(due, 0, 0)
      thread.postMessage({ origin, offsets })
      for (let known = 0; known < offsets.length;) {
        const waiting = Atomics.waitAsync(due, 0, known)
        if (waiting.async) await waiting.value
        known = Atomics.load(due, 0)
        onDue(known)
      }
    },
    async [Symbol.asyncDispose]() {
      await thread.terminate()
    },
  }
}
