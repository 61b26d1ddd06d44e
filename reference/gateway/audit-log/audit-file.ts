/** The file that the chain is written to: appended line by line, gone on with after a restart. */
import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { ConfigError } from '../config-error.ts'
import { beginning, hashOf, linkIn, type Tail } from './chain.ts'

export interface AuditFile extends Disposable {
  /** Where the chain goes on. */
  readonly tail: Tail
  /** Bytes of a line that was not finished, and is cut off. */
  readonly tornBytes: number
  /** Throws what the system says when it cannot be written; nothing of the line is left then. */
  append(line: string): void
  /** Resolves nothing: returns when everything is on the disk. Throws like `append`. */
  sync(): void
}

const newline = 10
/** No record is longer: its texts are clipped. */
const maxRecordBytes = 65_536

/** Throws a ConfigError when it cannot be opened, or its last line is not the end of a chain. */
export function openAuditFile(path: string): AuditFile {
  const fd = open(path)
  const regular = fstatSync(fd).isFile()
  const { end, tail, tornBytes } = regular ? recover(fd, path) : { end: 0, tail: beginning, tornBytes: 0 }
  let size = end
  return {
    tail,
    tornBytes,
    append(line) {
      const bytes = Buffer.from(line)
      try {
        for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at)
        size += bytes.length
      } catch (cause) {
        if (regular) ftruncateSync(fd, size)
        throw cause
      }
    },
    sync: () => fdatasyncSync(fd),
    [Symbol.dispose]: () => closeSync(fd),
  }
}

function open(path: string): number {
  try {
    return openSync(path, 'a+', 0o600)
  } catch (cause) {
    throw new ConfigError(`audit.file: ${path} cannot be opened (${(cause as NodeJS.ErrnoException).code ?? 'unknown'})`)
  }
}

/** A process that was killed in the midst of a line leaves a torn one: it was never acknowledged, and goes. */
function recover(fd: number, path: string): { readonly end: number; readonly tail: Tail; readonly tornBytes: number } {
  const { size } = fstatSync(fd)
  const last = Buffer.alloc(Math.min(size, 2 * maxRecordBytes))
  readSync(fd, last, 0, last.length, size - last.length)
  const lineEnd = last.lastIndexOf(newline)
  const tornBytes = last.length - lineEnd - 1
  if (tornBytes > maxRecordBytes) throw notAChain(path)
  if (tornBytes > 0) ftruncateSync(fd, size - tornBytes)
  if (lineEnd < 0) return { end: size - tornBytes, tail: beginning, tornBytes }
  const line = last.subarray(last.lastIndexOf(newline, lineEnd - 1) + 1, lineEnd).toString()
  const found = linkIn(line)
  if (found === null || hashOf(found.record) !== found.link.hash) throw notAChain(path)
  return { end: size - tornBytes, tail: found.link, tornBytes }
}

function notAChain(path: string): ConfigError {
  return new ConfigError(`audit.file: the last line of ${path} is not the end of a chain: look at it by "audit verify", and move it away`)
}
