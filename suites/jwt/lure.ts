/** Places that a token can point to, and whether anybody went there: an address that offers a key, and a file that is a pipe. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

export interface Lure extends AsyncDisposable {
  /** Of a set of keys with the stranger's in it. */
  readonly url: string
  readonly file: string
  /** Connections that came to the address. */
  visits(): number
  /** What comes of it, and whether somebody opened the file meanwhile; whoever did gets an end of file and can go on. */
  watch<T>(doing: Promise<T>): Promise<{ readonly value: T; readonly read: boolean }>
}

/** `keys` is what the address answers with, whatever it is asked for; the file lies in `dir`. */
export async function layLure(keys: object, dir: string): Promise<Lure> {
  const file = join(dir, `lure-${process.pid}-${Date.now()}`)
  await promisify(execFile)('mkfifo', [file])
  let visits = 0
  const server = createServer((_, response) => response.setHeader('content-type', 'application/json').end(JSON.stringify(keys)))
  server.on('connection', () => visits++).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys.json`,
    file,
    visits: () => visits,
    watch: (doing) => watch(file, doing),
    [Symbol.asyncDispose]: async () => {
      await hasReader(file)
      await rm(file, { force: true })
      await close(server)
    },
  }
}

async function watch<T>(file: string, doing: Promise<T>): Promise<{ readonly value: T; readonly read: boolean }> {
  let [done, read] = [false, false]
  const ended = doing.then(
    () => (done = true),
    () => (done = true),
  )
  while (!done) {
    read ||= await hasReader(file)
    await Promise.race([ended, sleep(5)])
  }
  return { value: await doing, read }
}

/** A pipe can be opened for writing without waiting exactly while it is open for reading. */
async function hasReader(file: string): Promise<boolean> {
  try {
    await (await open(file, constants.O_WRONLY | constants.O_NONBLOCK)).close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENXIO') return false
    throw error
  }
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
}
