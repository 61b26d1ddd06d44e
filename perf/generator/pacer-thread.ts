/** The thread that sleeps between arrivals: the event loop's own timers know whole milliseconds only. */
import { parentPort, workerData } from 'node:worker_threads'

/** The number of arrivals that are due; and where the times lie. */
const due = new Int32Array(workerData as SharedArrayBuffer)
const never = new Int32Array(new SharedArrayBuffer(4))

/** Wall time in ms, finer than Date.now, and the same for all threads. */
const now = () => performance.timeOrigin + performance.now()

parentPort!.on('message', ({ origin, offsets }: { readonly origin: number; readonly offsets: Float64Array }) => {
  for (let n = 0; n < offsets.length;) {
    const leftMs = origin + offsets[n]! - now()
    if (leftMs > 0) Atomics.wait(never, 0, 0, leftMs)
    const passed = now() - origin
    while (n < offsets.length && offsets[n]! <= passed) n++
    Atomics.store(due, 0, n)
    Atomics.notify(due, 0)
  }
})
